"""How often each engine wakes to its own word, as it is shipped, where nobody says it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from listeners import RATE_HZ, thinned
from peers import peers
from rates import Operating
from talk import talk_in, talk_of


def own_words(
    names: Sequence[str], numpy_1: Path | None, folders: Sequence[Path]
) -> dict[str, Any]:
    """Firings of every engine in all of the long sound, and where they were, in seconds."""
    seconds, fired = 0.0, {name: list[list[float]]() for name in names}
    with tempfile.TemporaryDirectory() as kept, peers(names, numpy_1) as running:
        sound = Path(kept, "sound.npy")
        for files in talk_in(folders):
            talk, talk_s = talk_of(files)
            np.save(sound, talk)
            seconds += talk_s
            for peer in running:
                found = thinned(peer.fires(sound))
                fired[peer.name].append([round(at / RATE_HZ, 2) for at in found])
        told = {peer.name: peer.told for peer in running}
    return {"seconds": seconds, "engines": told, "fired": fired}


def waked_falsely(found: dict[str, Any]) -> dict[str, Operating]:
    """Each engine at its own point: nothing is known of misses."""
    return {
        name: Operating(0.0, 0, 0, sum(map(len, streams)), found["seconds"])
        for name, streams in found["fired"].items()
    }
