"""How English words sound: a pronouncing dictionary, and how far apart two sounds of speech are.

The dictionary is the one inside the package `hibari-tts`, whose grapheme-to-phoneme step says what
it doesn't list. One character is one phoneme; stress is left out.
"""

from __future__ import annotations

import gzip
import importlib.resources
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

Phonemes = Callable[[str], str]

VOWELS = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻᵊ"
_STRESSES = "ˈˌ"
_GROUPS = (
    # Within a group people mishear one for the other.
    "pb", "td", "kɡ", "fv", "θð", "sz", "ʃʒ", "ʧʤ", "mnŋ", "lɹ", "wɹ", "tɾ", "dɾ", "tʔ", "sʃ",
    "zʒ", "fθ", "vð", "vb", "hʔ", "jw", "ʃʧ", "ʒʤ",
    "iɪᵻ", "uʊ", "ɛæ", "ɪɛ", "əʌᵻᵊɪ", "ɑɒɔ", "ɑʌ", "ɜə", "Aɛ", "OQɔ", "aæ", "aɑ", "Iɑ", "Wɑ", "Yɔ",
)  # fmt: skip
_CLOSE, _SAME_KIND, _OTHER_KIND, _GAP = 0.35, 0.75, 1.0, 0.85
_LONGEST = 24
_UNSPOKEN = re.compile("fuck|shit|cunt|masturb|nigg|slut|whore|faggot|rapist")
"""Nobody wants to hear these in a preview."""


def grapheme_to_phoneme() -> Phonemes | None:
    """Text to phonemes, American, where `hibari-tts` is installed."""
    try:
        from hibari.g2p import G2P
    except ImportError:
        return None
    convert: Phonemes = G2P(british=False)
    return lambda text: unstressed(convert(text))


def unstressed(phonemes: str) -> str:
    """Without stress and whatever is no sound."""
    return "".join(c for c in phonemes if c.isalpha() and c not in _STRESSES)


@cache
def dictionary() -> Mapping[str, str]:
    """Some 77,000 small-letter words and how each sounds, stress marked; {} if there is none."""
    try:
        assets = importlib.resources.files("hibari") / "assets"
    except ModuleNotFoundError:
        return {}
    listed = json.loads(gzip.decompress((assets / "lexicon_us_gold.json.gz").read_bytes()))
    found = {}
    for word, said in listed.items():
        sounds = said if isinstance(said, str) else said["DEFAULT"]
        plain = word.isalpha() and word.islower() and len(word) > 1
        if plain and sounds and not _UNSPOKEN.search(word):
            found[word] = sounds
    return found


def cost(a: str, b: str) -> float:
    """What it takes to hear phoneme `a` as `b`: 0 the same, 1 a vowel as a consonant."""
    if a == b:
        return 0.0
    if any(a in group and b in group for group in _GROUPS):
        return _CLOSE
    return _SAME_KIND if (a in VOWELS) == (b in VOWELS) else _OTHER_KIND


def distances(said: str, others: Sequence[str]) -> npt.NDArray[np.float32]:
    """How far each of `others` is from `said`, as the cheapest way to mishear it, for its length.

    All at once: a row of the usual table for every word together.
    """
    if not others:
        return np.zeros(0, np.float32)
    alphabet = sorted({c for other in others for c in other} | set(said))
    number = {c: i for i, c in enumerate(alphabet)}
    longest = max(map(len, others))
    table = np.zeros((len(others), longest), np.int16)
    for row, other in zip(table, others, strict=True):
        row[: len(other)] = [number[c] for c in other]
    lengths = np.array([len(other) for other in others])
    row = np.tile(np.arange(longest + 1, dtype=np.float32) * _GAP, (len(others), 1))
    for i, phoneme in enumerate(said, 1):
        prices = np.array([cost(phoneme, c) for c in alphabet], np.float32)[table]
        above, row = row, np.empty_like(row)
        row[:, 0] = i * _GAP
        for j in range(1, longest + 1):
            kept = above[:, j - 1] + prices[:, j - 1]
            row[:, j] = np.minimum(kept, np.minimum(above[:, j], row[:, j - 1]) + _GAP)
    found: npt.NDArray[np.float32] = row[np.arange(len(others)), lengths]
    return np.asarray(found / np.maximum(1, np.maximum(lengths, len(said))), np.float32)


def nearest(said: str, words: Mapping[str, str], most: int) -> list[str]:
    """Of `words` and how they sound, those that sound most like `said` but not the same."""
    names = [w for w, sounds in words.items() if len(sounds) <= _LONGEST]
    far = distances(said, [words[name] for name in names])
    order = sorted(range(len(names)), key=lambda i: (far[i], names[i]))
    return [names[i] for i in order if far[i] > 0][:most]


def rhymes(stressed: str, words: Mapping[str, str], most: int) -> list[str]:
    """Words that end as `stressed` does from its last stressed vowel on."""
    end = unstressed(_rhyme(stressed))
    same = unstressed(stressed)
    found = [w for w, s in words.items() if unstressed(_rhyme(s)) == end and unstressed(s) != same]
    return sorted(found, key=len)[:most] if end else []


def _rhyme(stressed: str) -> str:
    at = max((stressed.rfind(mark) for mark in _STRESSES), default=-1)
    return stressed[at + 1 :] if at >= 0 else ""


def split(said: str, words: Mapping[str, str], most: int) -> list[str]:
    """Two words: the first sounds like the beginning of `said`, the second like its end.

    "Act of eight" is nobody's idea of "activate", but much like it.
    """
    short = {w: sounds for w, sounds in words.items() if len(sounds) <= len(said)}
    found: list[str] = []
    cuts = range(2, len(said) - 1)
    for cut in cuts:
        firsts, lasts = (
            nearest(part, short, 1 + most // len(cuts)) for part in (said[:cut], said[cut:])
        )
        found += [f"{first} {last}" for first, last in zip(firsts, lasts, strict=False)]
    return found[:most]


def sharing(said: str, words: Iterable[tuple[str, str]], shared: float, most: int) -> list[str]:
    """Words that begin or end with at least so much of `said`'s phonemes, most alike first."""
    least = max(2, int(np.ceil(shared * len(said))))
    found = []
    for word, sounds in words:
        same = max(_common(said, sounds), _common(said[::-1], sounds[::-1]))
        if same >= least and sounds != said:
            found.append((-same, len(word), word))
    return [word for _, _, word in sorted(found)[:most]]


def _common(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count
