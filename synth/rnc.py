"""RNC method 1, which packed the sound of games of the nineties: Huffman codes and repeats.

Big-endian head of 18 bytes: ``RNC`` 1, length unpacked, length packed, CRC unpacked, CRC packed,
leeway, blocks. A block begins with three tables of code lengths (how many literals, how far back,
how long) and a count; then literals and a repeat take turns, the last literals without a repeat.
Bits come from little-endian words, lowest first; a word is taken when a bit of it is wanted, so
that literals, which are whole bytes, stand between words.
"""

from __future__ import annotations

import struct

MAGIC = b"RNC\x01"

_HEAD = struct.Struct(">4sIIHHBB")
_WORD_BITS = 16
_NEAREST, _SHORTEST = 1, 2

Codes = list[tuple[int, int, int, int]]
"""(mask, code, bits of the code, symbol), shortest first."""


class RncError(ValueError):
    """The bytes are no such block, or one that was damaged."""


def unpack(packed: bytes, most_bytes: int) -> bytes:
    """What a block holds; raises `RncError`, also where it would be more than `most_bytes`.

    Time and memory are bounded by `most_bytes` and the block's length, whatever it says.
    """
    if len(packed) < _HEAD.size:
        raise RncError("shorter than a head")
    magic, length, packed_length, checksum, _, _, blocks = _HEAD.unpack_from(packed)
    if magic != MAGIC:
        raise RncError("no RNC block of method 1")
    if length > most_bytes:
        raise RncError(f"{length} bytes, more than {most_bytes}")
    if packed_length > len(packed) - _HEAD.size:
        raise RncError("cut off")
    unpacked = _Unpacking(packed[_HEAD.size : _HEAD.size + packed_length], length).all(blocks)
    if crc(unpacked) != checksum:
        raise RncError("wrong checksum")
    return unpacked


def crc(content: bytes) -> int:
    """The block's checksum: CRC-16, polynomial 0x8005 reflected, from zero."""
    value = 0
    for byte in content:
        value = _CRC_TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    return value


def _shifted(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


_CRC_TABLE = [_shifted(byte) for byte in range(256)]


class _Unpacking:
    """One pass over a block's bytes."""

    def __init__(self, data: bytes, length: int) -> None:
        self._data = data
        self._length = length
        self._at = 0
        self._bits = 0
        self._bit_count = 0
        self._out = bytearray()

    def all(self, blocks: int) -> bytes:
        self._take(2)  # whether it is locked and has a key: neither matters to the content
        for _ in range(blocks):
            self._block()
        if len(self._out) != self._length:
            raise RncError(f"{len(self._out)} bytes came out, not {self._length}")
        return bytes(self._out)

    def _block(self) -> None:
        literals, distances, lengths = self._codes(), self._codes(), self._codes()
        turns = self._take(16)
        if not turns:
            raise RncError("a block of nothing")
        for _ in range(turns - 1):
            self._literals(self._number(literals))
            distance = self._number(distances) + _NEAREST
            self._repeat(distance, self._number(lengths) + _SHORTEST)
        self._literals(self._number(literals))

    def _literals(self, count: int) -> None:
        self._must_fit(count)
        if not count:  # the last word may reach a byte past the end
            return
        if count > len(self._data) - self._at:
            raise RncError("cut off among literals")
        self._out += self._data[self._at : self._at + count]
        self._at += count

    def _repeat(self, distance: int, count: int) -> None:
        """What lay `distance` back, and again from its beginning where that is too short."""
        self._must_fit(count)
        if distance > len(self._out):
            raise RncError("repeats what is before the beginning")
        start = len(self._out) - distance
        seed = self._out[start : start + count]
        times = -(-count // len(seed))
        self._out += (seed * times)[:count]

    def _must_fit(self, count: int) -> None:
        if len(self._out) + count > self._length:
            raise RncError(f"more than its {self._length} bytes")

    def _codes(self) -> Codes:
        """Canonical codes, first bit lowest; a table of no symbols is one that nothing asks."""
        bits_of = [self._take(4) for _ in range(self._take(5))]
        codes: Codes = []
        code = 0
        for bits in range(1, _WORD_BITS):
            for symbol in (s for s, b in enumerate(bits_of) if b == bits):
                if code >> bits:
                    raise RncError("more codes than bits for them")
                codes.append(((1 << bits) - 1, _reversed(code, bits), bits, symbol))
                code += 1
            code <<= 1
        return codes

    def _number(self, codes: Codes) -> int:
        """A symbol is how many bits the number has; all but its first are in the stream."""
        window = self._window()
        for mask, code, bits, symbol in codes:
            if window & mask == code:
                self._take(bits)
                return symbol if symbol < 2 else self._take(symbol - 1) | 1 << (symbol - 1)
        raise RncError("a code that no table has")

    def _window(self) -> int:
        """The next bits, not taken; behind the end come zeros, which `_take` refuses."""
        if self._bit_count >= _WORD_BITS:
            return self._bits
        word = int.from_bytes(self._data[self._at : self._at + 2], "little")
        return self._bits | word << self._bit_count

    def _take(self, count: int) -> int:
        while self._bit_count < count:
            if self._at >= len(self._data):
                raise RncError("cut off")
            word = int.from_bytes(self._data[self._at : self._at + 2], "little")
            self._bits |= word << self._bit_count
            self._at += 2
            self._bit_count += _WORD_BITS
        taken = self._bits & ((1 << count) - 1)
        self._bits >>= count
        self._bit_count -= count
        return taken


def _reversed(code: int, bits: int) -> int:
    return int(f"{code:0{bits}b}"[::-1], 2)
