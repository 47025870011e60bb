"""All digit systems on the same recordings: a random split, and each speaker left out.

Every fit's result is a file of its own, so that a comparison that was stopped goes on after the
last one. `digits-default` isn't fitted here: its row is the bundle that ships, heard on the takes
that were kept apart, and what its manifest says of the speakers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.bundle import PRETRAINED, load_bundle
from ..models.digit_strings import DEFAULT, DigitReader
from ..models.digits import build
from ..models.whole_file import write_whole
from ..synth.progress import bar
from .corpora import Clip
from .corpora_cache import Stored
from .corpora_sound import read_clips
from .corpora_splits import random_split
from .digit_older import (
    SYSTEMS,
    Fitted,
    Pace,
    Sides,
    System,
    Takes,
    budget,
    fit_system,
    measured_pace,
    sides,
    store_takes,
)
from .digit_score import among_digits, confusion, rows_by_reader, scores_of
from .digit_sources import digit_corpus
from .mistakes import Mistake, surest, surest_mistakes
from .scalars import loss_writer
from .train_options import Say

RESULTS = "digits-comparison.json"
RANDOM = "random split"
_RANDOM_SHARE = 0.3
"""Of a system's time; the rest is the speakers', in equal parts."""


@dataclass(frozen=True)
class CompareRequest:
    """What `wakeful compare digits` is asked for."""

    data: Path
    out: Path
    minutes: float = 25.0
    seed: int = 1
    systems: tuple[str, ...] = ()
    tensorboard: Path | None = None


@dataclass(frozen=True)
class Row:
    """One system. `speakers`: micro-F1 by who was left out."""

    name: str
    parameters: int
    published: float | None
    random_split: float | None
    speakers: dict[str, float]
    epochs: float = 0.0
    seconds: float = 0.0
    confusion: list[list[int]] = field(default_factory=list)
    note: str = ""
    mistakes: list[Mistake] = field(default_factory=list)
    """The surest about strangers, or, as it ships, about the takes that were kept apart."""

    @property
    def strangers(self) -> float | None:
        """The mean over the speakers."""
        return float(np.mean(list(self.speakers.values()))) if self.speakers else None


def compare_digits(request: CompareRequest, say: Say) -> list[Row]:
    """Fit what isn't yet, and return a row for each system; raises `CorpusError`."""
    request.out.mkdir(parents=True, exist_ok=True)
    corpus = digit_corpus(request.data)
    takes, bad = store_takes(corpus.clips, request.out / "takes", bar(" clips"))
    if bad:
        say(f"{len(bad)} clips left out, {bad[0].path.name} first: {bad[0].reason}")
    _, kept = random_split(corpus.clips, np.random.default_rng(request.seed))
    chosen = [s for s in SYSTEMS if not request.systems or s.name in request.systems]
    compared = _Comparison(request, takes, frozenset(c.path.name for c in kept), say)
    whole = sum(s.share for s in chosen)
    rows = [compared.row(s, 60 * request.minutes * s.share / whole) for s in chosen]
    wanted = not request.systems or DEFAULT in request.systems
    if wanted and (PRETRAINED / f"{DEFAULT}.json").is_file():
        rows.append(shipped_row(kept))
    _keep(request.out / RESULTS, rows)
    return rows


@dataclass(frozen=True)
class _Comparison:
    """One request's recordings, and the names of the takes that the random split tests on."""

    request: CompareRequest
    takes: Takes
    kept: frozenset[str]
    say: Say

    def row(self, system: System, seconds: float) -> Row:
        """One system's fits, together about as long as that."""
        people = sorted(set(self.takes.speakers().tolist()))
        each_s = seconds * (1 - _RANDOM_SHARE) / len(people)
        at_random = self._fit(system, RANDOM, seconds * _RANDOM_SHARE)
        fits = {who: self._fit(system, who, each_s) for who in people}
        return Row(
            name=system.name,
            parameters=build(system.network).count_params(),
            published=system.published,
            random_split=round(at_random.micro_f1, 4),
            speakers={who: round(found.micro_f1, 4) for who, found in fits.items()},
            epochs=at_random.epochs if at_random.epochs > 1 else round(self._seen(at_random), 3),
            seconds=round(at_random.seconds + sum(f.seconds for f in fits.values()), 1),
            confusion=np.sum([found.confusion for found in fits.values()], axis=0).tolist(),
            mistakes=surest([m for found in fits.values() for m in found.mistakes]),
        )

    def _seen(self, fitted: Fitted) -> float:
        """How much of all there is one epoch had."""
        return fitted.clips / max(1, fitted.of)

    def _tests(self, name: str) -> Callable[[Stored], bool]:
        """Which recordings a split tests on."""
        if name == RANDOM:
            return lambda stored: stored.name.partition("#")[0] in self.kept
        return lambda stored: stored.speaker == name

    def _fit(self, system: System, name: str, seconds: float) -> Fitted:
        """A fit's result, from its file or made now."""
        stem = self.request.out / f"{system.name}-{name.replace(' ', '-')}"
        done = stem.with_name(f"{stem.name}.json")
        if done.is_file():
            return read_fitted(done)
        parted = sides(self.takes, self._tests(name), system.ninefold, self.request.seed)
        folder = self.request.tensorboard
        fitted = fit_system(
            system,
            self.takes,
            parted,
            budget(system, self._pace(system), _sizes(parted), seconds),
            self.request.seed,
            checkpoint=stem.with_name(f"{stem.name}.npz"),
            report=loss_writer(folder / stem.name) if folder else lambda progress: None,
        )
        write_fitted(done, fitted)
        self.say(
            f"{system.name}, {name}: micro-F1 {fitted.micro_f1:.3f} of "
            f"{int(fitted.confusion.sum())} clips; {fitted.epochs} epochs of {fitted.clips} clips, "
            f"{fitted.seconds:.0f} s"
        )
        return fitted

    def _pace(self, system: System) -> Pace:
        """Measured once, so that a comparison that goes on does what it began to do."""
        path = self.request.out / f"{system.name}-pace.json"
        if not path.is_file():
            write_whole(path, json.dumps(asdict(measured_pace(system, self.takes))).encode())
        return Pace(**json.loads(path.read_bytes()))


def write_fitted(path: Path, fitted: Fitted) -> None:
    """A fit's result as JSON."""
    told = asdict(fitted) | {"confusion": fitted.confusion.tolist()}
    write_whole(path, json.dumps(told).encode() + b"\n")


def read_fitted(path: Path) -> Fitted:
    """What `write_fitted` wrote."""
    told = json.loads(path.read_bytes())
    tables = {"confusion": np.array(told["confusion"]), "losses": tuple(told["losses"])}
    wrong = {"mistakes": tuple(Mistake(**row) for row in told.get("mistakes", ()))}
    return Fitted(**told | tables | wrong)


def _sizes(parted: Sides) -> tuple[int, int, int]:
    return len(parted.train), len(parted.validation), len(parted.test)


def shipped_row(kept: Sequence[Clip]) -> Row:
    """`digits-default` as it ships, on takes of which its manifest says that none was fitted on."""
    bundle = load_bundle(DEFAULT)
    heard = read_clips(kept)
    scores = scores_of(rows_by_reader(DigitReader(bundle)), heard.sounds)
    measured = bundle.manifest.measured
    table: npt.NDArray[np.int64] = confusion(scores, heard)
    return Row(
        name=DEFAULT,
        parameters=int(measured.get("parameters", 0)),
        published=None,
        random_split=round(among_digits(scores, [int(c.label) for c in heard.clips]), 4),
        speakers=dict(measured.get("leave_one_out_among_digits", {})),
        confusion=measured.get("leave_one_out_confusion", table.tolist()),
        note="as it ships, asked for a digit as the others are; the speakers' figures are its "
        "manifest's",
        mistakes=surest_mistakes(
            heard.clips, scores, [int(c.label) for c in heard.clips], bundle.manifest.labels
        ),
    )


def _keep(path: Path, rows: Sequence[Row]) -> None:
    told = [asdict(row) | {"strangers": row.strangers} for row in rows]
    write_whole(path, json.dumps(told, indent=1).encode() + b"\n")


def table_of(rows: Sequence[Row]) -> str:
    """For a terminal and for Markdown alike."""
    head = "| network | parameters | published | random split | speaker left out | from … to |"
    lines = [head, "|---|--:|--:|--:|--:|--:|"]
    for row in rows:
        found = sorted(row.speakers.values())
        ends = f"{found[0]:.3f} … {found[-1]:.3f}" if found else "–"
        lines.append(
            f"| `{row.name}` | {row.parameters:,} | {_figure(row.published)} | "
            f"{_figure(row.random_split)} | {_figure(row.strangers)} | {ends} |"
        )
    return "\n".join(lines)


def _figure(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"
