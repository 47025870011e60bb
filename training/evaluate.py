"""What a model is worth: recordings of its word and long sound without it, through the daemon.

Everything is heard once, by the pipeline that ships, in as many processes as wanted; the figures
are the same for any number of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

import numpy as np

from ..daemon.printable import printable
from ..models.bundle import Bundle, load_bundle
from ..models.runtime import TriggerModel
from ..synth.cluster import by_workers
from ..synth.levels import Samples
from ..synth.pools import executor
from ..synth.progress import Show
from .examiner import (
    Examiner,
    Offence,
    Questions,
    StreamHeard,
    TakeHeard,
    WordHeard,
    asked_thresholds,
    take_sound,
    worst,
)
from .long_sound import LongFile, Stream
from .matching import LIMITS_PER_HOUR, Counted, best_within, counted, point_at
from .material import EvaluationError, Material, Request, find_material
from .takes import RATE_HZ, Take

_BATCH_S = 120.0
_FEW_HOURS = 1.0


@dataclass(frozen=True)
class Evaluation:
    """Everything that is told of a model."""

    bundle: Bundle
    material: Material
    points: list[Counted]
    words: list[WordHeard]
    elsewhere: int
    hours: float
    offences: list[Offence]
    peaks: list[float]
    """The highest scores wherever sound without the word came near to firing."""
    awake: dict[str, float]
    """The share of the steps at which the gate was open, of positives and of negatives."""
    remarks: list[str]

    @property
    def own(self) -> Counted:
        """The point at the model's own threshold."""
        return point_at(self.points, self.bundle.manifest.detector.threshold)

    def at(self) -> dict[str, Counted | None]:
        """For each limit in false accepts an hour the best point that keeps to it."""
        return {f"{limit:g}": best_within(self.points, limit) for limit in LIMITS_PER_HOUR}

    def latencies_ms(self) -> list[float]:
        """Of the words whose end is known and that fire at the model's own threshold."""
        return [w.latency_ms for w in self.words if w.latency_ms is not None]

    def missed(self) -> list[WordHeard]:
        """The words that the model's own threshold misses, the least sure first."""
        missed = [w for w in self.words if w.fired_at_s is None]
        return sorted(missed, key=lambda w: (w.score, w.take, w.at_s or 0.0))

    def sound_of(self, what: WordHeard | Offence) -> Samples:
        """The sound of an excerpt, made again."""
        first, last = what.excerpt.first, what.excerpt.last
        if isinstance(what, Offence):
            return Stream(self.material.streams[what.stream]).cut(first, last)
        sound, _ = take_sound(self.material.takes[what.take], what.take, self.material.backdrop)
        return sound[first:last]


def evaluate(request: Request, show: Show) -> Evaluation:
    """Find, hear, count. Raises a `WakefulError` for what can't be used."""
    bundle = load_bundle(request.model)
    TriggerModel(bundle)  # refuses a model of another kind before anything is read
    material = find_material(request, bundle.manifest.labels[0])
    own = bundle.manifest.detector.threshold
    questions = Questions(bundle, asked_thresholds(own), material.backdrop)
    answers = _answers(_jobs(material), questions, request.processes, request.scheduler)
    takes, heard = _examined(material, answers, show)
    return _summed(questions, material, takes, heard)


Job = tuple[int, Sequence[Take] | Sequence[LongFile]]
Answer = list[TakeHeard] | StreamHeard


def _jobs(material: Material) -> list[tuple[Job, float]]:
    """What one process does at a time, and how many seconds of sound that is."""
    jobs: list[tuple[Job, float]] = []
    first, batch, length_s = 0, list[Take](), 0.0
    for number, take in enumerate(material.takes):
        batch.append(take)
        length_s += take.duration_s
        if length_s >= _BATCH_S or number == len(material.takes) - 1:
            jobs.append(((first, tuple(batch)), length_s))
            first, batch, length_s = number + 1, [], 0.0
    for number, files in enumerate(material.streams):
        jobs.append(((number, files), sum(f.duration_s for f in files)))
    return jobs


def _examined(
    material: Material, answers: Iterator[Answer], show: Show
) -> tuple[list[TakeHeard], list[StreamHeard]]:
    jobs = _jobs(material)
    total_s = sum(length_s for _, length_s in jobs)
    takes: list[TakeHeard] = []
    heard: list[StreamHeard] = []
    done_s = 0.0
    for answer, (_, length_s) in zip(answers, jobs, strict=True):
        if isinstance(answer, StreamHeard):
            heard.append(answer)
        else:
            takes += answer
        done_s += length_s
        show(round(done_s), round(total_s))
    return takes, heard


def _answers(
    timed: Sequence[tuple[Job, float]], questions: Questions, processes: int, scheduler: str
) -> Iterator[Answer]:
    """In the jobs' order. Processes start afresh: LiteRT's threads don't live on in a fork."""
    jobs = [job for job, _ in timed]
    if scheduler:
        yield from by_workers(scheduler, _prepare, (questions,), _answer, jobs)
        return
    if processes == 1 or len(jobs) == 1:
        yield from map(_answering(Examiner(questions)), jobs)
        return
    try:
        with executor(min(processes, len(jobs)), _prepare, (questions,)) as workers:
            yield from workers.map(_answer, jobs)
    except BrokenProcessPool as error:
        raise EvaluationError(
            "evaluate: one of its processes was killed, likely for memory; give  --processes 1"
        ) from error


def _answering(examiner: Examiner) -> Callable[[Job], Answer]:
    def answer(job: Job) -> Answer:
        first, entries = job
        if isinstance(entries[0], LongFile):
            return examiner.stream(first, [e for e in entries if isinstance(e, LongFile)])
        takes = [e for e in entries if isinstance(e, Take)]
        return [examiner.take(number, take) for number, take in enumerate(takes, first)]

    return answer


_here: Callable[[Job], Answer]


def _prepare(questions: Questions) -> None:
    global _here  # noqa: PLW0603 -- a process has one examiner, made once
    _here = _answering(Examiner(questions))


def _answer(job: Job) -> Answer:
    return _here(job)


def _summed(
    questions: Questions, material: Material, takes: list[TakeHeard], heard: list[StreamHeard]
) -> Evaluation:
    words = [word for take in takes for word in take.words]
    counts = sum((s.counts for s in heard), np.zeros(len(questions.thresholds), np.int64))
    hours = sum(s.own_samples for s in heard) / RATE_HZ / 3600
    flags = np.stack([word.heard for word in words])
    points = counted(questions.thresholds, flags, counts, hours)
    warnings = [w for take in takes for w in take.warnings]
    warnings += [w for stream in heard for w in stream.warnings]
    return Evaluation(
        bundle=questions.bundle,
        material=material,
        points=points,
        words=words,
        elsewhere=sum(take.elsewhere for take in takes),
        hours=hours,
        offences=worst([o for s in heard for o in s.offences]),
        peaks=[peak for stream in heard for peak in stream.peaks],
        awake={"positives": _awake(takes), "negatives": _awake(heard)},
        remarks=[*map(printable, warnings), *_remarks(material, hours)],
    )


def _awake(parts: Sequence[TakeHeard] | Sequence[StreamHeard]) -> float:
    return sum(p.awake_steps for p in parts) / max(1, sum(p.steps for p in parts))


def _remarks(material: Material, hours: float) -> Iterator[str]:
    """What a reader must know before believing the figures."""
    if not material.streams:
        yield "no negatives were given: false accepts are not measured"
    elif hours < _FEW_HOURS:
        yield (
            f"only {3600 * hours:.0f} s of negatives: rates an hour mean nothing below some hours"
        )
    elif hours < 1 / LIMITS_PER_HOUR[0]:
        yield (
            f"{hours:.1f} h of negatives: a limit below {1 / hours:.2g} an hour is kept "
            "only by a threshold that never fired on them"
        )
    if material.unplaced:
        yield f"rows of labels that don't say where the word is: {material.unplaced}, left out"
    if material.left_out:
        yield f"negatives left out, their transcript holding the word: {len(material.left_out)}"
    if material.untold:
        yield f"negatives without a transcript: {material.untold}; listen to the worst offenders"
