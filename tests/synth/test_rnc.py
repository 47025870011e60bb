"""The RNC decoder against an encoder, and against everything else that a file may hold."""

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rnc_encoder import pack
from wakeful.synth.rnc import MAGIC, RncError, crc, unpack

MOST = 100_000
literals = st.binary(max_size=40)


@st.composite
def blocks(draw):
    """Blocks whose repeats reach back to what was there before them, overlapping ones too."""
    made, length = [], 0
    for _ in range(draw(st.integers(1, 3))):
        block = []
        for _ in range(draw(st.integers(0, 6))):
            first = draw(literals if length else st.binary(min_size=1, max_size=40))
            length += len(first)
            distance, count = draw(st.integers(1, length)), draw(st.integers(2, 300))
            block.append((first, distance, count))
            length += count
        last = draw(literals)
        made.append([*block, (last,)])
        length += len(last)
    return made


@given(blocks())
@example([[(b"a", 1, 2), (b"",)]])
@example([[(b"",)]])
@example([[(bytes(range(256)) * 40,)]])
def test_what_was_packed_comes_out(made):
    """Literals, repeats and repeats of themselves, in one block or several, to the byte."""
    packed, plain = pack(made)
    assert unpack(packed, MOST) == plain
    assert unpack(packed + b"whatever follows", len(plain)) == plain


@given(blocks(), st.data())
def test_damage_is_told(made, data):
    """A byte that changed, or an end that is lacking, is an `RncError` or changes nothing."""
    packed, plain = pack(made)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(RncError):
        unpack(packed[:cut], MOST)
    at, value = data.draw(st.integers(0, len(packed) - 1)), data.draw(st.integers(1, 255))
    damaged = bytearray(packed)
    damaged[at] ^= value
    with contextlib.suppress(RncError):
        assert unpack(bytes(damaged), MOST) == plain


@settings(max_examples=100)
@given(st.binary(max_size=600), st.integers(0, MOST), st.integers(0, 255))
def test_nothing_hostile_gets_through(content, length, count):
    """Any bytes behind a right head end in `RncError`, or are rightly nothing, soon."""
    head = MAGIC + length.to_bytes(4, "big") + len(content).to_bytes(4, "big")
    with contextlib.suppress(RncError):
        assert unpack(head + b"\0\0\0\0\0" + bytes([count]) + content, MOST // 2) == b""
    with pytest.raises(RncError):
        unpack(content, MOST)


def test_a_block_may_not_be_larger_than_allowed():
    """The stated length is refused before a byte of it is made."""
    packed, plain = pack([[(b"x", 1, 5_000), (b"",)]])
    assert unpack(packed, len(plain)) == plain
    with pytest.raises(RncError, match="5001 bytes, more than 5000"):
        unpack(packed, 5_000)
    claimed = packed[:4] + b"\xff\xff\xff\xff" + packed[8:]
    with pytest.raises(RncError, match="more than"):
        unpack(claimed, MOST)


def test_the_checksum_is_the_known_one():
    """CRC-16/ARC of "123456789", as its catalogue has it."""
    assert crc(b"123456789") == 0xBB3D
