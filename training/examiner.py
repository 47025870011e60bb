"""One process of an evaluation: hears recordings of the word and long streams without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..models.bundle import Bundle
from ..models.runtime import TriggerModel
from ..synth.levels import Samples, active_dbfs, to_float
from .hearing import Excerpt, Heard, hear
from .long_sound import LongFile, Stream
from .matching import LATE_S, Window, matched
from .measure import THRESHOLDS, firing_counts
from .noisy import Backdrop
from .quiet_room import LEAD, in_quiet_room
from .takes import RATE_HZ, Take

_LATE = round(LATE_S * RATE_HZ)
_BEFORE = RATE_HZ
_WHOLE = 6 * RATE_HZ
_NEAR_THRESHOLD = 0.1
_MOST_OFFENCES = 20


@dataclass(frozen=True)
class WordHeard:
    """A word of a recording; `heard` holds for each threshold whether it fired.

    `at_s` is where it begins in its file, None where nobody said. `fired_at_s` and `latency_ms`
    (from its end) are those at the model's own threshold.
    """

    take: int
    name: str
    at_s: float | None
    heard: npt.NDArray[np.bool_]
    score: float
    level_dbfs: float
    fired_at_s: float | None
    latency_ms: float | None
    excerpt: Excerpt
    span: tuple[int, int] | None
    """First and last sample in the stream that the excerpt is of."""


@dataclass(frozen=True)
class TakeHeard:
    """A recording of one or several words; `elsewhere` counts what fired and heard none."""

    words: list[WordHeard]
    elsewhere: int
    awake_steps: int
    steps: int
    warnings: list[str]


@dataclass(frozen=True)
class Offence:
    """Where sound without the word came nearest to firing, or fired."""

    stream: int
    name: str
    at_s: float
    score: float
    fires: bool
    excerpt: Excerpt


@dataclass(frozen=True)
class StreamHeard:
    """`counts` holds how often each threshold fired in `own_samples` of sound.

    `peaks` are the highest scores wherever it fired or came near to it; `offences` the worst.
    """

    counts: npt.NDArray[np.int64]
    own_samples: int
    peaks: list[float]
    offences: list[Offence]
    awake_steps: int
    steps: int
    warnings: list[str]


def asked_thresholds(own: float) -> npt.NDArray[np.float64]:
    """Those of every measurement here, rounded to what a person would type, and the model's own."""
    return np.unique(np.append(np.round(THRESHOLDS, 6), own))


@dataclass(frozen=True)
class Questions:
    """What every process is told."""

    bundle: Bundle
    thresholds: npt.NDArray[np.float64]
    backdrop: Backdrop | None

    @property
    def own(self) -> float:
        """The model's own threshold."""
        return self.bundle.manifest.detector.threshold


class Examiner:
    """Answers with small figures: sound stays where it is read."""

    def __init__(self, questions: Questions) -> None:
        self._ask = questions
        self._model = TriggerModel(questions.bundle)

    def take(self, number: int, take: Take) -> TakeHeard:
        """A recording, in a pipeline of its own."""
        sound, warning = take_sound(take, number, self._ask.backdrop)
        heard = hear(self._model, [sound])
        windows = _windows(take, len(sound))
        flags = np.zeros((len(windows), len(self._ask.thresholds)), np.bool_)
        for i, threshold in enumerate(self._ask.thresholds):
            flags[:, i] = [m is not None for m in matched(windows, heard.firings(threshold))]
        fired = heard.firings(self._ask.own)
        own = matched(windows, fired)
        words = [
            self._word(number, take, i, sound, heard, window, own[i], flags[i])
            for i, window in enumerate(windows)
        ]
        elsewhere = len(fired) - sum(m is not None for m in own)
        awake = int(heard.awake.sum())
        return TakeHeard(words, elsewhere, awake, len(heard.awake), [warning] if warning else [])

    def _word(
        self,
        number: int,
        take: Take,
        index: int,
        sound: Samples,
        heard: Heard,
        window: Window,
        fired: int | None,
        flags: npt.NDArray[np.bool_],
    ) -> WordHeard:
        span = _spans(take)[index] if take.words else None
        said = sound[slice(*span)] if span else sound[LEAD : len(sound) - _LATE]
        late = fired - span[1] if span and fired is not None else None
        return WordHeard(
            take=number,
            name=take.name,
            at_s=take.words[index][0] / RATE_HZ if span else None,
            heard=flags,
            score=heard.best(*window),
            level_dbfs=active_dbfs(to_float(said)),
            fired_at_s=None if fired is None else (fired - LEAD) / RATE_HZ,
            latency_ms=None if late is None else 1000 * late / RATE_HZ,
            excerpt=heard.excerpt(*_shown(heard, window, len(sound))),
            span=span,
        )

    def stream(self, number: int, files: Sequence[LongFile]) -> StreamHeard:
        """Files without the word, one after the other."""
        stream = Stream(files)
        heard = hear(self._model, stream.pieces())
        offences = [
            _offence(number, stream, heard, step, self._ask.own)
            for step in _near_firings(heard, self._ask.own)
        ]
        return StreamHeard(
            counts=firing_counts(heard.scores, self._ask.thresholds, heard.rule.refractory_steps),
            own_samples=stream.own_samples,
            peaks=[o.score for o in offences],
            offences=worst(offences),
            awake_steps=int(heard.awake.sum()),
            steps=len(heard.awake),
            warnings=stream.warnings,
        )


def worst(offences: Sequence[Offence]) -> list[Offence]:
    """The nearest to firing first; of equals, what was heard first."""
    ordered = sorted(offences, key=lambda o: (not o.fires, -o.score, o.stream, o.excerpt.first))
    return ordered[:_MOST_OFFENCES]


def take_sound(take: Take, number: int, backdrop: Backdrop | None) -> tuple[Samples, str]:
    """A recording in its quiet room, over noise if asked for: the same sound whoever makes it."""
    samples, warning = take.read()
    sound = in_quiet_room(samples, after=_LATE)
    if backdrop is None:
        return sound, warning
    parts = [sound[a:b] for a, b in _spans(take)] or [sound]
    return backdrop.under(sound, number, np.concatenate(parts)), warning


def _spans(take: Take) -> list[tuple[int, int]]:
    return [(LEAD + first, LEAD + last) for first, last in take.words]


def _windows(take: Take, length: int) -> list[Window]:
    spans = _spans(take)
    return [(first, last + _LATE) for first, last in spans] or [(LEAD, length)]


def _shown(heard: Heard, window: Window, length: int) -> Window:
    """What a page is to show of a word: around it, or around the highest score in a long file."""
    first, last = window
    if last - first > _WHOLE:
        peak = heard.sample(int(heard.scores.argmax()))
        first, last = max(first, peak - _WHOLE // 2), min(last, peak + _WHOLE // 2)
    return max(0, first - _BEFORE), min(length, last)


def _near_firings(heard: Heard, own: float) -> list[int]:
    """The steps that fire at the model's threshold, and those that fire at a low one elsewhere."""
    near = heard.rule.refractory_steps
    fired = heard.steps_fired(own)
    low = heard.steps_fired(min(own, _NEAR_THRESHOLD))
    return fired + [s for s in low if all(abs(s - f) > near for f in fired)]


def _offence(number: int, stream: Stream, heard: Heard, step: int, own: float) -> Offence:
    after = heard.scores[step : step + heard.rule.refractory_steps + 1]
    sample = heard.sample(step)
    name, at_s = stream.place(sample)
    return Offence(
        stream=number,
        name=name,
        at_s=at_s,
        score=float(after.max()),
        fires=bool(heard.scores[step] >= own),
        excerpt=heard.excerpt(max(0, sample - 2 * RATE_HZ), sample + RATE_HZ),
    )
