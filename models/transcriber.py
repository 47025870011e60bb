"""Speech to text while it is spoken: a bundle of kind ``asr`` as a stream of words.

LiteRT and numpy only. A `Transcriber` is read-only and serves any number of streams, one call at a
time; each `Listener` owns its state. However the sound is cut, what comes out is the same.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .bundle import Bundle, BundleFormatError, load_bundle
from .ctc import BeamSettings, LogProbabilities, WordScores, Written, beam, greedy, log_softmax
from .frontend import FrontEnd, Samples
from .letters import BLANK, OUTPUTS, SYMBOLS
from .runtime import TokenModel

LABELS = [*SYMBOLS, "<blank>"]
"""What a bundle of kind ``asr`` lists."""

AFTER_S = 0.36
"""So much silence is heard behind the last sound: letters come a little after they are said."""


@dataclass(frozen=True)
class Word:
    """A word, the samples [start, end) that it was heard in, and how sure its letters were."""

    text: str
    start_sample: int
    end_sample: int
    confidence: float


@dataclass(frozen=True)
class Transcript:
    """What was said; `confidence` is the mean of the words', as factors, and 0 for no words."""

    text: str
    confidence: float
    words: tuple[Word, ...]


class Transcriber:
    """A loaded recognizer. Raises `BundleFormatError` for one that writes other symbols."""

    def __init__(self, bundle: Bundle) -> None:
        self._model = TokenModel(bundle)
        if bundle.manifest.labels != LABELS:
            raise BundleFormatError(
                f"model {bundle.path}: writes {len(bundle.manifest.labels)} other symbols; "
                "a recognizer of letters has space, ', a to z and a blank"
            )
        self.bundle = bundle
        self._frontend = FrontEnd(bundle.frontend)

    @property
    def step_samples(self) -> int:
        """From one step to the next."""
        return self.bundle.frontend.hop_samples * self.bundle.manifest.stride

    def listen(self) -> Listener:
        """A fresh stream."""
        return Listener(self)

    def hear(self, samples: Samples) -> LogProbabilities:
        """All of an utterance at once: [steps, 29], for `ctc` or for a grammar."""
        listener = self.listen()
        listener.feed(samples)
        listener.flush()
        return listener.log_probabilities

    def transcribe(
        self,
        samples: Samples,
        language: WordScores | None = None,
        settings: BeamSettings | None = None,
    ) -> Transcript:
        """An utterance's text; with a language model by the beam, else by the likeliest symbols."""
        heard = self.hear(samples)
        if language is None:
            return self.told(greedy(heard), heard, len(samples))
        return self.told(beam(heard, language, settings)[0], heard, len(samples))

    def told(self, written: Written, heard: LogProbabilities, samples: int) -> Transcript:
        """A reading of what was heard as words with their places, none beyond `samples`."""
        words = tuple(
            Word(
                text,
                min(start * self.step_samples, samples),
                min(end * self.step_samples, samples),
                _sureness(heard[start:end]),
            )
            for text, (start, end) in zip(written.text.split(), written.spans, strict=True)
        )
        logs = [np.log(max(word.confidence, 1e-6)) for word in words]
        sure = float(np.exp(np.mean(logs))) if logs else 0.0
        return Transcript(written.text, sure, words)


class Listener:
    """One stream. `feed` gives the words that are over, `flush` the rest; then it is fresh."""

    def __init__(self, transcriber: Transcriber) -> None:
        self._by = transcriber
        self._frontend, self._model = transcriber._frontend, transcriber._model
        self._features = self._frontend.new_state()
        self._state = self._model.new_state()
        self._begin()

    def _begin(self) -> None:
        self._frames: list[npt.NDArray[np.float32]] = []
        self._heard: list[LogProbabilities] = []
        self._fed = 0
        self._open = _OpenWord()

    @property
    def log_probabilities(self) -> LogProbabilities:
        """Of everything since the beginning: [steps, 29]. After a flush, of all that it ended."""
        return np.concatenate(self._heard) if self._heard else np.zeros((0, OUTPUTS), np.float32)

    def feed(self, samples: Samples) -> list[Word]:
        """Any number of samples, int16 at 16 kHz."""
        if self._open.ended:
            self._begin()
        self._fed += len(samples)
        return self._advance(self._frontend.feed(self._features, samples))

    def flush(self) -> list[Word]:
        """The end: a little silence, and the last words."""
        if self._open.ended:
            self._begin()
        config = self._by.bundle.frontend
        # Up to a whole block, so that nothing that was said is left in the front end.
        count = round(AFTER_S * config.sample_rate_hz)
        count += -(self._fed + count) % config.block_samples
        words = self._advance(self._frontend.feed(self._features, np.zeros(count, np.int16)))
        words += [self._placed(*span) for span in self._open.close()]
        self._features.reset()
        self._state.reset()
        return words

    def _advance(self, frames: npt.NDArray[np.float32]) -> list[Word]:
        """Whatever blocks are there through the network."""
        size = self._by.bundle.manifest.frames_per_call
        words: list[Word] = []
        for at in range(0, len(frames), size):
            rows = log_softmax(self._model.step(self._state, frames[at : at + size]))
            first = sum(map(len, self._heard))
            self._heard.append(rows)
            over = [span for i, row in enumerate(rows) for span in self._open.add(row, first + i)]
            words += [self._placed(*span) for span in over]
        return words

    def _placed(self, text: str, start: int, end: int) -> Word:
        step = self._by.step_samples
        heard = self.log_probabilities[start:end]
        first, last = (min(at * step, self._fed) for at in (start, end))
        return Word(text, first, last, _sureness(heard))


class _OpenWord:
    """The word that is being spelled, symbol by symbol, as the greedy reading has it."""

    def __init__(self) -> None:
        self._text, self._start, self._end, self._last = "", 0, 0, BLANK
        self.ended = False

    def add(self, row: npt.NDArray[np.float32], step: int) -> list[tuple[str, int, int]]:
        """One step more: the word that ends here, if one does."""
        best = int(row.argmax())
        new, self._last = best not in (self._last, BLANK), best
        if not new:
            return []
        if SYMBOLS[best] == " ":
            return self._over()
        self._start = self._start if self._text else step
        self._text += SYMBOLS[best]
        self._end = step + 1
        return []

    def close(self) -> list[tuple[str, int, int]]:
        """The end of the sound ends a word too."""
        self.ended = True
        return self._over()

    def _over(self) -> list[tuple[str, int, int]]:
        found = [(self._text, self._start, self._end)] if self._text else []
        self._text = ""
        return found


def _sureness(rows: LogProbabilities) -> float:
    """The mean probability of the likeliest symbols over some steps."""
    return float(np.exp(rows.max(axis=1)).mean()) if len(rows) else 0.0


def load_transcriber(name_or_path: str | os.PathLike[str] = "asr-default") -> Transcriber:
    """A shipped recognizer by its name, or one's own; raises a `BundleError`."""
    return Transcriber(load_bundle(name_or_path))
