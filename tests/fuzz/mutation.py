"""Broken input out of good: bits flipped, pieces cut, doubled and swapped, words that matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_TEXT = (b"0", b"-1", b"1e400", b"NaN", b"null", b"true", b'""', b"[]", b"{}", b"\r\n", b"'''")
_BYTES = (b"\x00", b"\xff" * 4, b"\xff\xff\xff\x7f", b"\xc3\x28", b"\xf0\x9f\x8e\xa4", b"\x1d")
WORDS = (*_TEXT, *_BYTES, b"[" * 200, b"(" * 200, b"9" * 40)
_LONGEST = 1 << 16


def mutated(seeds: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """One of the seeds, changed in one to eight places."""
    data = bytearray(seeds[int(rng.integers(len(seeds)))])
    for _ in range(int(rng.integers(1, 9))):
        _change(data, seeds, rng)
    return bytes(data[:_LONGEST])


def _change(data: bytearray, seeds: Sequence[bytes], rng: np.random.Generator) -> None:
    a, b = sorted(int(n) for n in rng.integers(0, len(data) + 1, 2))
    kind = int(rng.integers(6))
    if kind == 0 and data:
        data[a % len(data)] ^= 1 << int(rng.integers(8))
    elif kind == 1:
        del data[a : min(b, a + 64)]
    elif kind == 2:
        data[a:a] = WORDS[int(rng.integers(len(WORDS)))]
    elif kind == 3:
        data[a : a + 4] = rng.bytes(4)
    elif kind == 4:
        data[a:a] = data[a : min(b, a + 64)]
    else:
        other = seeds[int(rng.integers(len(seeds)))]
        start = int(rng.integers(len(other) + 1))
        data[a:b] = other[start : start + (b - a)]
