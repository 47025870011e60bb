"""Waveform and features of a mixture as pictures for a page: SVG, and PNG without a library.

Everything is drawn on an area of 1000 by 100 that is stretched to whatever room there is, so that
one axis of time holds for what lies above and below.
"""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .labels import MASKED, Labels
from .levels import Samples
from .page import Markup, data_uri, tag

WIDTH, HEIGHT = 1_000, 100
_COLUMNS = 500
_VIRIDIS = (
    "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 3fbc73 "
    "5ec962 84d44b addc30 d8e219 fde725"
)

Frames = npt.NDArray[np.float32]


def wave_path(samples: Samples) -> str:
    """The outline of a sound, its loudest sample at the edge, as the path of an SVG."""
    columns = min(_COLUMNS, len(samples))
    if not columns:
        return ""
    starts = np.linspace(0, len(samples), columns, endpoint=False).astype(int)
    wave = samples.astype(np.float64)
    loudest = max(1.0, float(np.abs(wave).max()))
    x = np.linspace(0, WIDTH, columns)
    top = HEIGHT / 2 * (1 - np.maximum.reduceat(wave, starts) / loudest)
    bottom = HEIGHT / 2 * (1 - np.minimum.reduceat(wave, starts) / loudest)
    way = [*zip(x, top, strict=True), *zip(x[::-1], bottom[::-1], strict=True)]
    return "M" + "L".join(f"{across:.0f} {down:.1f}" for across, down in way) + "Z"


def heat(frames: Frames, low: float, high: float) -> Markup:
    """Frames [n, bands] as an SVG image, low bands below, `low` dark and `high` bright."""
    scaled = (np.asarray(frames, np.float64) - low) / max(high - low, 1e-9)
    shades = np.rint(scaled.clip(0, 1) * 255).astype(np.uint8)
    source = data_uri(png(np.flipud(shades.T)), "image/png")
    size = {"width": str(WIDTH), "height": str(HEIGHT)}
    return tag("image", href=source, preserveAspectRatio="none", **size)


def png(shades: npt.NDArray[np.uint8]) -> bytes:
    """Bytes [height, width] as a picture of 256 colours that the colour-blind can order."""
    height, width = shades.shape
    lines = b"".join(b"\0" + line.tobytes() for line in shades)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", _palette().tobytes()),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def _palette() -> npt.NDArray[np.uint8]:
    """[256, 3]: viridis, straight lines between seventeen of its colours."""
    known = np.array([list(bytes.fromhex(colour)) for colour in _VIRIDIS.split()], np.float64)
    at = np.linspace(0, len(known) - 1, 256)
    mixed = [np.interp(at, np.arange(len(known)), known[:, c]) for c in range(3)]
    return np.rint(np.stack(mixed, axis=1)).astype(np.uint8)


def label_spans(labels: Labels) -> list[tuple[int, int, int]]:
    """(label, first step, step after the last) of each run of steps that aren't 0."""
    edges = np.flatnonzero(np.diff(labels, prepend=0, append=0))
    spans = [(int(labels[a]), int(a), int(b)) for a, b in pairwise(edges)]
    return [span for span in spans if span[0]]


def overlay(labels: Labels, word_end: int | None, length: int) -> list[Markup]:
    """Where steps are labelled 1 and where they are masked, and a line at the word's end."""
    drawn = [
        _box("masked" if label == MASKED else "labelled", first, after, len(labels))
        for label, first, after in label_spans(labels)
    ]
    return drawn if word_end is None else [*drawn, *mark(word_end / length)]


def mark(share: float) -> list[Markup]:
    """A line at a share of the width, to be seen on dark and on bright."""
    x = f"{WIDTH * share:.1f}"
    ends = {"x1": x, "x2": x, "y1": "0", "y2": str(HEIGHT)}
    return [tag("line", class_=name, **ends) for name in ("halo", "end")]


def _box(name: str, first: int, after: int, steps: int) -> Markup:
    x, width = WIDTH * first / steps, WIDTH * (after - first) / steps
    return tag("rect", class_=name, x=f"{x:.1f}", width=f"{width:.1f}", y="0", height=str(HEIGHT))


def area(name: str, said: str, *drawn: Markup) -> Markup:
    """What was drawn as one stretched SVG; `said` is what it shows, for who can't see it."""
    view = f"0 0 {WIDTH} {HEIGHT}"
    shape = {"viewBox": view, "preserveAspectRatio": "none", "role": "img", "aria_label": said}
    return tag("svg", *drawn, class_=name, **shape)
