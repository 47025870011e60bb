"""Names that others gave, made fit to be shown: a file's name may hold anything but / and NUL."""

from __future__ import annotations


def printable(text: str) -> str:
    """What is no character, a terminal's commands and line ends included, becomes an escape.

    So do the bytes of a file's name that Python could not decode, which no JSON can carry.
    """
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # PEP 383: how Python keeps a byte that is no text
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()
