"""Strings of digits read from sound: "four two seven", with pauses or run together.

One streaming CTC network (kind ``digits``) does both jobs: `rank` says which one digit a clip is,
`read` which digits follow one another, and where each was said. Front end, network and rows are
streamed, so sound may come in any pieces; only the last decision waits for the end.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from .bundle import Bundle, load_bundle
from .ctc import log_softmax
from .digit_decode import Rows, Tokens, label_scores, placed, strings
from .frontend import FrontEnd, FrontEndState
from .labels import UNKNOWN
from .runtime import TokenModel, TriggerState

Sound = npt.NDArray[np.float32]
Samples = npt.NDArray[np.int16]

DEFAULT = "digits-default"
LEAD_FRAMES, TAIL_FRAMES = 24, 36
"""Silence that is heard before and behind every clip, so that one that is cut close sounds like
any other: the running mean begins at silence, and the last word has time to be told."""
_LATE_STEPS = 4
"""A token may be told so much later than its sound ended."""
_VOICED_SHARE = 0.35


@dataclass(frozen=True)
class Span:
    """One digit of a string, and the seconds from the beginning of the sound that it was said in.

    To about a twentieth of a second; "_unknown_" for other words between digits.
    """

    label: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Reading:
    """What was read. `text` holds the digits alone: ``4 2 7``; empty where none was said.

    `confidence` is the probability of the whole string, against all other strings.
    """

    text: str
    confidence: float
    spans: tuple[Span, ...] = ()


@dataclass
class ReaderState:
    """What one stream remembers: sound that fills no block yet, and the rows and levels so far."""

    frontend: FrontEndState
    net: TriggerState
    pending: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    rows: list[Rows] = field(default_factory=list)
    levels: list[Sound] = field(default_factory=list)
    begun: bool = False


class DigitReader:
    """A loaded model: read-only, shared by any number of streams, one call at a time."""

    def __init__(self, bundle: Bundle) -> None:
        self._model = TokenModel(bundle)
        self._frontend = FrontEnd(bundle.frontend)
        self.labels = list(bundle.manifest.labels)
        self._step_s = bundle.step_s
        self._temperature = float(bundle.manifest.measured.get("temperature", 1.0))

    def new_state(self) -> ReaderState:
        """A fresh stream."""
        return ReaderState(self._frontend.new_state(), self._model.new_state())

    def feed(self, state: ReaderState, samples: Samples) -> None:
        """Any number of 16 kHz samples."""
        if not state.begun:
            state.begun = True
            self._hear(state, self._silence(LEAD_FRAMES))
        self._hear(state, samples)

    def flush(self, state: ReaderState) -> Rows:
        """The end: [steps, labels] log-probabilities of all that was fed."""
        self.feed(state, self._silence(TAIL_FRAMES))
        lacking = -len(state.pending) % self._frontend.config.block_samples
        self._hear(state, np.zeros(lacking, np.int16))
        return log_softmax(np.concatenate(state.rows))

    def rows(self, sound: Sound) -> Rows:
        """Those of a whole clip, float32 of full scale 1 at 16 kHz."""
        state = self.new_state()
        self.feed(state, to_int16(sound))
        return self.flush(state)

    def rank(self, sound: Sound) -> list[tuple[str, float]]:
        """Every label with its probability, best first, of a clip that holds one word or none."""
        scores = label_scores(self.rows(sound)) / self._temperature
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        order = np.argsort(-shares, kind="stable")
        return [(self.labels[n], float(shares[n])) for n in order]

    def read(self, sound: Sound) -> Reading:
        """The digits of a clip; raises nothing: what holds none is an empty text."""
        state = self.new_state()
        self.feed(state, to_int16(sound))
        return self.reading(state, len(sound) / self._frontend.config.sample_rate_hz)

    def reading(self, state: ReaderState, length_s: float) -> Reading:
        """Flush a stream of so many seconds, and read it."""
        rows = self.flush(state)
        found = strings(rows)
        scores = np.array([heard.score for heard in found])
        shares = np.exp(scores - scores.max())
        tokens = found[0].tokens
        spans = tuple(self._spans(rows, tokens, np.concatenate(state.levels), length_s))
        text = " ".join(self.labels[t] for t in tokens if self.labels[t] != UNKNOWN)
        return Reading(text, float(shares[0] / shares.sum()), spans)

    def _hear(self, state: ReaderState, samples: Samples) -> None:
        """Whole blocks through front end and network; the rest waits for more."""
        size = self._frontend.config.block_samples
        sound = np.concatenate([state.pending, samples])
        whole = len(sound) - len(sound) % size
        for at in range(0, whole, size):
            block = sound[at : at + size]
            frames = self._frontend.step(state.frontend, block)
            state.rows.append(self._model.step(state.net, frames))
            state.levels.append(self._loudness(block))
        state.pending = sound[whole:]

    def _loudness(self, block: Samples) -> Sound:
        """[steps of a block] in dB, to find where in its time a digit sounds."""
        steps = block.reshape(len(self._model_steps(block)), -1).astype(np.float32)
        level: Sound = 10 * np.log10(np.mean(steps * steps, axis=1) + 1.0)
        return level

    def _model_steps(self, block: Samples) -> range:
        return range(round(len(block) / self._frontend.config.sample_rate_hz / self._step_s))

    def _silence(self, frames: int) -> Samples:
        return np.zeros(frames * self._frontend.config.hop_samples, np.int16)

    def _spans(self, rows: Rows, tokens: Tokens, levels: Sound, length_s: float) -> list[Span]:
        """Each from where its sound begins, after the one before it, to where it ends."""
        lead_s = LEAD_FRAMES * self._frontend.config.frame_s
        spans, after = [], 0
        for token, (first, end) in zip(tokens, placed(rows, tokens), strict=False):
            start, stop = _sounding(levels, after, min(first, len(levels) - 1), end)
            after = max(after, stop)
            times = (start * self._step_s - lead_s, stop * self._step_s - lead_s)
            clipped = [round(min(max(0.0, t), length_s), 3) for t in times]
            spans.append(Span(self.labels[token], clipped[0], clipped[1]))
        return spans


def _sounding(levels: Sound, after: int, told: int, end: int) -> tuple[int, int]:
    """The steps of the sound that a token at `told` stands for, none of them before `after`.

    Back from the loudest step before it to the last quiet one, on to the next quiet one.
    """
    quiet, loud = np.percentile(levels, [10, 97])
    sounds = levels > quiet + _VOICED_SHARE * (loud - quiet)
    reach = levels[after : max(after + 1, told + 1)]
    peak = after + int(reach.argmax())
    start = peak
    while start > after and sounds[start - 1]:
        start -= 1
    stop = peak + 1
    while stop < min(len(levels), max(end, peak + 1) + _LATE_STEPS) and sounds[stop]:
        stop += 1
    return start, min(stop, max(end, peak + 1))


def to_int16(sound: Sound) -> Samples:
    """Float sound of full scale 1 as the front end takes it; integers stay as they are."""
    if sound.dtype == np.int16:
        return np.asarray(sound, np.int16)
    clipped = np.clip(np.rint(sound * 32_768.0), -32_768, 32_767)
    return np.asarray(clipped, np.int16)


@cache
def load_reader(name_or_path: str | os.PathLike[str] = DEFAULT) -> DigitReader:
    """A shipped model by name or one's own by path, loaded once; raises a `BundleError`."""
    return DigitReader(load_bundle(name_or_path))


def read_digits(sound: Sound) -> tuple[str, float, tuple[Span, ...]]:
    """(text, confidence, spans) by the model that ships; the model is loaded at the first call."""
    found = load_reader().read(sound)
    return found.text, found.confidence, found.spans
