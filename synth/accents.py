"""English by voices of other languages: each sound becomes the nearest one that the voice has.

From the phonemes that the grapheme-to-phoneme step gives (IPA, with capitals for diphthongs) to
X-SAMPA, in the inventory of each of Pico's voices. What a voice lacks, its speakers replace in the
ways that make an accent: German "ze", French "yooman" without its h, Spanish "esbeech".
"""

from __future__ import annotations

from collections.abc import Mapping

_SHARED = {
    **{c: c for c in "bdfklmnpst"},
    **{"ɡ": "g", "ŋ": "N", "ʧ": "tS", "T": "t", "ɾ": "t"},
    **{"ˈ": '"', "ˌ": "%"},
}
_FIVE_VOWELS = {
    **dict.fromkeys("æaʌɑɐ", "a"),
    **{"ɛ": "e", "ə": "e", "ᵊ": "e", "ɜ": "e", "ɪ": "i", "i": "i", "ᵻ": "i"},
    **{"ɔ": "o", "ɒ": "o", "ʊ": "u", "u": "u"},
    **{"W": "au", "Q": "ou", "O": "ou"},
}

ACCENTS: Mapping[str, Mapping[str, str]] = {
    "de-DE": _SHARED
    | {"v": "v", "z": "z", "ʃ": "S", "ʒ": "Z", "ʤ": "dZ", "h": "h", "j": "j", "w": "v"}
    | {"θ": "s", "ð": "z", "ɹ": "R", "ʔ": "?", "əɹ": "6", "ɜɹ": "96", "ɜː": "96"}
    | {"æ": "E", "a": "a", "ʌ": "a", "ɐ": "a", "ɑ": "a:", "ɑː": "a:", "ɔ": "O", "ɔː": "o:"}
    | {"ɒ": "O", "ɛ": "E", "ɜ": "9", "ə": "@", "ᵊ": "@", "ɪ": "I", "ᵻ": "I", "i": "i:"}
    | {"iː": "i:", "ʊ": "U", "u": "u:", "uː": "u:"}
    | {"A": "e:", "I": "aI", "O": "o:", "Q": "o:", "W": "aU", "Y": "OY"},
    "fr-FR": _SHARED
    | {"v": "v", "z": "z", "ʃ": "S", "ʒ": "Z", "ʤ": "dZ", "j": "j", "w": "w"}
    | {"θ": "s", "ð": "z", "ɹ": "R", "əɹ": "9R", "ɜɹ": "9R", "ɜː": "9R", "ˈ": "", "ˌ": ""}
    | {"æ": "a", "a": "a", "ʌ": "9", "ɐ": "a", "ɑ": "a", "ɔ": "O", "ɒ": "O", "ɛ": "E"}
    | {"ɜ": "9", "ə": "9", "ᵊ": "9", "ɪ": "i", "ᵻ": "i", "i": "i", "ʊ": "u", "u": "u"}
    | {"A": "e", "I": "aj", "O": "o", "Q": "o", "W": "aw", "Y": "Oj"},
    "es-ES": _SHARED
    | _FIVE_VOWELS
    | {"v": "b", "z": "s", "ʃ": "s", "ʒ": "s", "ʤ": "j", "h": "x", "j": "j", "w": "u"}
    | {"θ": "T", "ð": "d", "ɹ": "r", "A": "ej", "I": "aj", "Y": "oj"},
    "it-IT": _SHARED
    | _FIVE_VOWELS
    | {"v": "v", "z": "z", "ʃ": "S", "ʒ": "dZ", "ʤ": "dZ", "j": "i", "w": "u"}
    | {"θ": "t", "ð": "d", "ɹ": "r", "æ": "E", "ɛ": "E", "A": "ei", "I": "ai", "Y": "oi"},
}
"""Pico's voice -> (phonemes -> X-SAMPA); a phoneme that isn't named is left unsaid."""

_PAUSES = ".,!?;:"


def spoken(phonemes: str, accent: str) -> str:
    """Pico's markup for a line of phonemes; empty when the voice has none of them."""
    words = [_word(word, ACCENTS[accent]) for word in phonemes.split()]
    return " ".join(word for word in words if word)


def _word(phonemes: str, sounds: Mapping[str, str]) -> str:
    bare = phonemes.rstrip(_PAUSES)
    symbols = x_sampa(bare, sounds)
    # In double quotes a stress mark would end the attribute.
    return f"<phoneme ph='{symbols}'/>{phonemes[len(bare) :]}" if symbols.strip('"%') else ""


def x_sampa(phonemes: str, sounds: Mapping[str, str]) -> str:
    """Symbol by symbol, the longest that is known first."""
    symbols, at = "", 0
    while at < len(phonemes):
        length = 2 if phonemes[at : at + 2] in sounds else 1
        symbols += sounds.get(phonemes[at : at + length], "")
        at += length
    return symbols
