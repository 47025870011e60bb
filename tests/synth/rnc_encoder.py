"""RNC method 1 the other way round, for tests: blocks of literals and repeats, packed to be read.

It packs what it is told to, well or not: any choice of repeats is a valid stream.
"""

import struct

from wakeful.synth.rnc import MAGIC, crc


class Bits:
    """Words of bits among bytes: a word takes its place when its first bit is wanted."""

    def __init__(self):
        self.out = bytearray()
        self.word_at = 0
        self.used = 16

    def put(self, value, count):
        """`count` bits, the lowest first."""
        for bit in range(count):
            if self.used == 16:
                self.word_at, self.used = len(self.out), 0
                self.out += b"\0\0"
            if value >> bit & 1:
                self.out[self.word_at + self.used // 8] |= 1 << self.used % 8
            self.used += 1


def pack(blocks):
    """A whole RNC file of blocks: each a list of (literals, distance, count), its last (literals,).

    Returns (packed, what it holds).
    """
    bits, plain = Bits(), bytearray()
    bits.put(0, 2)
    for block in blocks:
        _block(bits, block, plain)
    sums = crc(bytes(plain)), crc(bytes(bits.out))
    head = struct.pack(">4sIIHHBB", MAGIC, len(plain), len(bits.out), *sums, 0, len(blocks))
    return head + bits.out, bytes(plain)


def _block(bits, block, plain):
    *turns, (last,) = block
    numbers = [
        [len(literals) for literals, _, _ in turns] + [len(last)],
        [distance - 1 for _, distance, _ in turns],
        [count - 2 for _, _, count in turns],
    ]
    literal_codes, distance_codes, count_codes = (_table(bits, n) for n in numbers)
    bits.put(len(block), 16)
    for literals, distance, count in turns:
        _literals(bits, literals, literal_codes, plain)
        _number(bits, distance - 1, distance_codes)
        _number(bits, count - 2, count_codes)
        for _ in range(count):
            plain.append(plain[-distance])
    _literals(bits, last, literal_codes, plain)


def _literals(bits, literals, codes, plain):
    _number(bits, len(literals), codes)
    bits.out += literals
    plain += literals


def _table(bits, numbers):
    """Code lengths 1, 2, 3, ... by how often a symbol is wanted; the last two are as long."""
    symbols = [n.bit_length() for n in numbers]
    ranked = sorted(set(symbols), key=lambda s: (-symbols.count(s), s))
    lengths = [0] * (max(symbols, default=-1) + 1)
    for rank, symbol in enumerate(ranked):
        lengths[symbol] = max(1, min(rank + 1, len(ranked) - 1))
    bits.put(len(lengths), 5)
    for length in lengths:
        bits.put(length, 4)
    codes, code = {}, 0
    for length in range(1, 16):
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = (int(f"{code:0{length}b}"[::-1], 2), length)
                code += 1
        code <<= 1
    return codes


def _number(bits, number, codes):
    symbol = number.bit_length()
    bits.put(*codes[symbol])
    if symbol > 1:
        bits.put(number & (1 << symbol - 1) - 1, symbol - 1)
