"""What an English voice can be asked to say: plain text with something to pronounce in it.

Every engine asks this first, so that an empty text, another script or a page of it gets the same
one line from all of them, and no engine meets a character that it would stumble over.
"""

from __future__ import annotations

import unicodedata

from .voice import VoiceError

LONGEST_TEXT = 1_000
"""Characters: about a minute of speech, longer than anything that is said to a microphone."""

_SHOWN = 40
_STRAIGHT = str.maketrans("‘’“”–—…", "''\"\"--.")


def sayable(text: str, engine: str, any_script: bool = False) -> str:
    """The text on one line, without what can't be seen.

    Raises `VoiceError` for a text without a letter or digit, too long, or in another script than
    Latin where the voice knows no other.
    """
    seen = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFKC", text))
    plain = " ".join(seen.split())
    if len(plain) > LONGEST_TEXT:
        raise VoiceError(
            f"{engine}: a text of {len(plain)} characters; say {LONGEST_TEXT} or fewer at once"
        )
    if not any(c.isalnum() for c in plain):
        raise VoiceError(f"{engine}: nothing in {_short(text)} can be said; give it letters")
    foreign = [c for c in plain if c.isalnum() and not _is_latin(c)]
    if foreign and not any_script:
        raise VoiceError(
            f"{engine}: {foreign[0]!r} in {_short(text)} is of another script; spell it in Latin"
        )
    return plain


def ascii_only(text: str) -> str:
    """Without accents and curly quotes, for engines that were made before them."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_STRAIGHT))
    return decomposed.encode("ascii", "ignore").decode()


def _is_latin(character: str) -> bool:
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN")


def _short(text: str) -> str:
    return ascii(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
