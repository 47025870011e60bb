"""Sound inside a page: Opus, a tenth of a WAV, in a player or as an address."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from ..synth.levels import Samples
from ..synth.page import Markup, data_uri, tag
from .explore_measure import RATE_HZ, UNREADABLE, pieces

MIME = "audio/ogg"
_FEWEST = 960
"""A browser shows no length for less than a few packets of 20 ms."""


def opus(samples: Samples, rate_hz: int = 16_000) -> bytes:
    """int16 samples at 8 or 16 kHz as OGG with Opus."""
    import soundfile

    held = io.BytesIO()
    padded = np.pad(samples, (0, max(0, _FEWEST - len(samples))))
    soundfile.write(held, padded, rate_hz, format="OGG", subtype="OPUS")
    return held.getvalue()


def opus_player(samples: Samples, rate_hz: int = 16_000, said: str = "") -> Markup:
    """An audio element that holds its sound; `said` is what is heard, for who can't see it."""
    source = data_uri(opus(samples, rate_hz), MIME)
    name = {"aria_label": said} if said else {}
    return tag("audio", controls="", preload="metadata", src=source, **name)


def first_part(path: Path, longest_s: float) -> Samples:
    """The first seconds of a file at 16 kHz, mono; raises `SourceError`."""
    most = round(longest_s * RATE_HZ)
    got: list[Samples] = []
    for piece in pieces(path):
        got.append(piece)
        if sum(map(len, got)) >= most:
            break
    return np.concatenate(got)[:most] if got else np.zeros(0, np.int16)


def address_of(path: Path) -> str:
    """The first three seconds of a file as an address that holds them; empty if unreadable."""
    try:
        return data_uri(opus(first_part(path, 3.0)), MIME)
    except UNREADABLE:
        return ""
