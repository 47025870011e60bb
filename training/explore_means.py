"""The mean spectrogram of each label, over a sample of its recordings laid where they begin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.features import LINEAR_161, Frames
from .explore_measure import RATE_HZ, UNREADABLE, sounding
from .explore_pass import Hands
from .explore_sound import first_part
from .explore_store import Store

SAMPLED = 60
"""So many of each label: more of them change no pixel."""
_BEFORE = RATE_HZ // 10
_LENGTH = RATE_HZ
_FRAME = RATE_HZ // 100


def mean_spectrograms(
    store: Store, hands: Hands, labels: Sequence[str]
) -> dict[str, tuple[int, Frames]]:
    """By label: of how many, and their mean in dB [frames, bins]; none where nothing sounds."""
    found = {}
    for label in labels:
        rows = store.rows(
            f"label = ? AND odd IS NOT NULL ORDER BY {SHUFFLED} LIMIT ?", label, SAMPLED
        )
        made = hands.over(word_spectrogram, [store.path_of(row) for row in rows])
        kept = [frames for frames in made if frames is not None]
        if kept:
            mean: Frames = np.mean(np.stack(kept), axis=0, dtype=np.float32)
            found[label] = len(kept), mean
    return found


SHUFFLED = "(id * 2654435761) % 4294967296"
"""An order that has nothing to do with names, and is the same every time."""


def word_spectrogram(path: Path) -> npt.NDArray[np.float16] | None:
    """A second from 0.1 s before it begins to sound, in dB of its loudest; None if unreadable."""
    try:
        sound = first_part(path, 10.0)
    except UNREADABLE:
        return None
    frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    first, _ = sounding(np.einsum("ij,ij->i", frames, frames))
    start = first * _FRAME - _BEFORE
    part = np.pad(sound[max(0, start) : start + _LENGTH], (max(0, -start), 0))
    whole = np.pad(part, (0, _LENGTH - len(part)))
    db = LINEAR_161.whole(whole) * (10 / np.log(10))
    below: npt.NDArray[np.float16] = np.maximum(db - db.max(), -70).astype(np.float16)
    return below
