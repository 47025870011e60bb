"""``digits-default`` from folders to bundle: voices first, then people, one speaker left out each.

The shipped backbone hears every example once at first, and fitted are the layers above it. A fit on
synthetic voices is what every other one starts from: one for each speaker with everybody else's
digits, which tells what the recipe is worth for people whom it never heard, and one with all
speakers, which ships. Each ends with a fit of the whole network, backbone and all. The takes that
`random_split` keeps are in none of them. Each stage leaves a file, and a run that was stopped goes
on from there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..models.bundle import Bundle, TrainingData
from ..models.digit_strings import DigitReader
from ..models.digits import DIGITS, digits_default, lower_part, upper_part
from ..models.frontend import FrontEndConfig
from ..models.labels import SILENCE, UNKNOWN
from ..models.streaming import StreamingStep, convert
from ..models.whole_file import write_whole
from .asr_fit import Chapter, CtcSettings, fit_ctc
from .backbone import load_backbone
from .corpora_sound import Heard
from .corpus import CorpusError
from .digit_examples import DigitBatches, hear_examples, make_examples, read_examples
from .digit_score import (
    RowsOf,
    accuracy,
    among_digits,
    composed,
    confusion,
    fitted_temperature,
    rows_by_network,
    rows_by_reader,
    score_strings,
    scores_of,
    taken_for_digits,
)
from .digit_sources import Folders, Sources, read_sources
from .export import Origin, save_step
from .weights import load_weights, save_weights

LABELS = (*DIGITS, UNKNOWN, SILENCE)
NAME = "digits-default"
_FITTED = ("gru2", "tokens")
_STRING_LENGTHS = (3, 6)
_MOST_OTHERS = 400
GAPS_S: Mapping[str, tuple[float, float]] = {
    "with pauses": (0.15, 0.5),
    "close": (0.0, 0.15),
    "run together": (-0.06, 0.0),
}
"""What lies between two digits of a string that is put together to measure with."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class DigitRecipe:
    """How many examples, and how often each fit hears them."""

    examples_a_speaker: int = 2_000
    synthetic_examples: int = 8_000
    synthetic_kept: int = 3_000
    """So many of them go on being heard once people are."""
    base_epochs: int = 8
    speaker_epochs: int = 4
    speaker_whole_epochs: int = 10
    """Of the whole network, for each speaker who is left out."""
    last_epochs: int = 6
    whole_epochs: int = 16
    """Of the whole network, backbone and all, before it ships."""
    batch: int = 64
    base_rate: float = 4e-3
    rate: float = 3e-3
    whole_rate: float = 1.5e-3
    average: float = 0.98
    """The weights kept are a mean over about the last 1 / (1 - average) batches."""
    strings: int = 60
    """That are put together to measure with, for each way in which digits follow each other."""


def recipe_for(effort: float) -> DigitRecipe:
    """The usual recipe with so many times the epochs, one at least."""
    usual = DigitRecipe()
    return replace(
        usual,
        base_epochs=max(1, round(usual.base_epochs * effort)),
        speaker_epochs=max(1, round(usual.speaker_epochs * effort)),
        speaker_whole_epochs=max(1, round(usual.speaker_whole_epochs * effort)),
        last_epochs=max(1, round(usual.last_epochs * effort)),
        whole_epochs=max(1, round(usual.whole_epochs * effort)),
    )


@dataclass(frozen=True)
class DigitRequest:
    """What `wakeful train digits-default` is asked for."""

    folders: Folders
    out: Path
    recipe: DigitRecipe = field(default_factory=DigitRecipe)
    seed: int = 1
    leave_one_out: bool = True
    data: tuple[TrainingData, ...] = ()
    command: str = ""


@dataclass(frozen=True)
class Measured:
    """The bundle, and its figures by name."""

    bundle: Bundle
    figures: dict[str, Any]


def train_digits(request: DigitRequest, say: Say) -> Measured:
    """Make the bundle in `request.out`; raises what the stages raise."""
    work = request.out / f".{NAME}-work"
    work.mkdir(parents=True, exist_ok=True)
    sources = read_sources(request.folders, request.seed)
    if not sources.words.speakers[""]:
        raise CorpusError("no synthetic digits; give --voices DIR (docs/digits.md tells how)")
    say(_told(sources))
    run = _Run(request, work, sources, say)
    run.mix()
    run.base()
    figures: dict[str, Any] = {}
    if request.leave_one_out:
        figures |= run.leave_one_out()
    model = run.last()
    bundle = run.export(model, figures)
    return Measured(bundle, dict(bundle.manifest.measured))


def _told(s: Sources) -> str:
    real = sum(len(digits) for who, digits in s.words.speakers.items() if who)
    bad = f"; {len(s.bad)} clips broken, {s.bad[0].path} first" if s.bad else ""
    return (
        f"{real} digits by {len(s.words.speakers) - 1} people ({len(s.kept)} more kept apart), "
        f"{len(s.words.speakers[''])} by voices, {len(s.words.strings)} strings, "
        f"{len(s.words.others)} other words, {len(s.words.noises)} noises{bad}"
    )


@dataclass(frozen=True)
class _Run:
    """The stages of one request, each of which finds what the one before it left."""

    request: DigitRequest
    work: Path
    sources: Sources
    say: Say

    @property
    def people(self) -> list[str]:
        return sorted(who for who in self.sources.words.speakers if who)

    def counts(self, without: str | None = None) -> dict[str, int]:
        """Examples by speaker, of those that a fit may hear after the voices'."""
        recipe = self.request.recipe
        real = {who: recipe.examples_a_speaker for who in self.people if who != without}
        return {"": min(recipe.synthetic_kept, recipe.synthetic_examples), **real}

    def mix(self) -> None:
        """Examples of everybody."""

        def report(done: int, total: int) -> None:
            if done % 4_000 == 0 or done == total:
                self.say(f"examples: {done} of {total}")

        examples = self.work / "examples"
        counts = self.counts() | {"": self.request.recipe.synthetic_examples}
        make_examples(self.sources.words, counts, examples, self.request.seed, report)
        hear_examples(
            examples,
            self.work / "heard",
            counts,
            lower_part(with_backbone()),
            self.request.seed,
            lambda done, total: None,
        )

    def base(self) -> Any:
        """Voices alone."""
        r = self.request.recipe
        counts = {"": r.synthetic_examples}
        return self._fitted("base", upper_of(with_backbone()), counts, r.base_epochs, r.base_rate)

    def leave_one_out(self) -> dict[str, Any]:
        """What each speaker's digits are recognized by who never heard them, then all of them."""
        rounds = {who: self._without(who) for who in self.people}
        for who, found in rounds.items():
            self.say(f"without {who}: {found['accuracy']:.4f}")
        table = np.sum([found["confusion"] for found in rounds.values()], axis=0)
        strings = {
            name: float(np.mean([found["strings"][name] for found in rounds.values()]))
            for name in GAPS_S
        }
        scores = np.concatenate([np.asarray(found["scores"]) for found in rounds.values()])
        wanted = np.concatenate([np.asarray(found["wanted"]) for found in rounds.values()])
        temperature, before, behind = fitted_temperature(scores, wanted)
        return {
            "temperature": round(temperature, 3),
            "calibration_error": round(behind, 4),
            "calibration_error_uncalibrated": round(before, 4),
            "leave_one_out": {who: round(f["accuracy"], 4) for who, f in rounds.items()},
            "leave_one_out_mean": round(
                float(np.mean([found["accuracy"] for found in rounds.values()])), 4
            ),
            "leave_one_out_among_digits": {
                who: round(among_digits(np.asarray(f["scores"]), f["wanted"]), 4)
                for who, f in rounds.items()
            },
            "leave_one_out_among_digits_mean": round(among_digits(scores, wanted), 4),
            "leave_one_out_strings_right": {k: round(v, 4) for k, v in strings.items()},
            "leave_one_out_confusion": table.tolist(),
        }

    def _without(self, who: str) -> dict[str, Any]:
        kept = self.work / f"without-{who}.json"
        if kept.is_file():
            found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
            return found
        r, name = self.request.recipe, f"without-{who}"
        counts = self.counts(who)
        upper = self._fitted(name, self.base(), counts, r.speaker_epochs, r.rate)
        epochs, rate = r.speaker_whole_epochs, r.whole_rate
        model = self._fitted(f"{name}-whole", joined(upper), counts, epochs, rate, plain=True)
        theirs = _of(self.sources.all_real, who)
        rows_of = rows_by_network(model)
        scores = scores_of(rows_of, theirs.sounds)
        found = {
            "accuracy": accuracy(scores, theirs),
            "confusion": confusion(scores, theirs).tolist(),
            "scores": np.round(scores, 3).tolist(),
            "wanted": [int(c.label) for c in theirs.clips],
            "strings": _strings_right(rows_of, theirs, self.request),
        }
        write_whole(kept, json.dumps(found).encode())
        return found

    def last(self) -> Any:
        """Everybody, to ship: above the backbone first, then all of it."""
        r = self.request.recipe
        upper = self._fitted("last", self.base(), self.counts(), r.last_epochs, r.rate)
        whole = joined(upper)
        return self._fitted("whole", whole, self.counts(), r.whole_epochs, r.whole_rate, plain=True)

    def _fitted(
        self,
        name: str,
        model: Any,
        counts: Mapping[str, int],
        epochs: int,
        rate: float,
        *,
        plain: bool = False,
    ) -> Any:
        """A network with the weights of a fit, made now or before."""
        weights = self.work / f"{name}-weights.npz"
        if not weights.is_file():
            self._fit(name, model, counts, epochs, rate, plain)
            save_weights(weights, model)
        load_weights(weights, model)
        return model

    def _fit(
        self,
        name: str,
        model: Any,
        counts: Mapping[str, int],
        epochs: int,
        rate: float,
        plain: bool,
    ) -> None:
        """On what the backbone made of the examples, or on the `plain` ones."""
        r = self.request.recipe
        examples = read_examples(self.work / ("examples" if plain else "heard"), counts)
        batches = DigitBatches(examples, r.batch, self.request.seed, plain)

        def report(chapter: Chapter) -> None:
            self.say(
                f"{name}: {chapter.share:4.0%}, epoch {chapter.epoch + 1}, loss {chapter.loss:.3f}"
            )

        fit_ctc(
            model,
            batches,
            CtcSettings(epochs=epochs, peak_rate=rate, chapter=50, average=r.average),
            checkpoint=self.work / f"{name}.npz",
            report=report,
            batches_an_epoch=batches.count(),
        )

    def export(self, model: Any, figures: dict[str, Any]) -> Bundle:
        """Write the bundle, measure it as it ships, and write what was measured beside it."""
        step = convert(model, FrontEndConfig().block_frames, "int8", values=len(LABELS))
        bundle = self._save(step, figures)
        figures = figures | self._measured(rows_by_reader(DigitReader(bundle)))
        return self._save(step, figures)

    def _save(self, step: StreamingStep, figures: dict[str, Any]) -> Bundle:
        r = self.request
        recipe = json.dumps(asdict(r.recipe))
        origin = Origin(r.command, recipe, r.seed, r.data, figures)
        return save_step(r.out / NAME, step, "digits", LABELS, FrontEndConfig(), origin)

    def _measured(self, rows_of: RowsOf) -> dict[str, Any]:
        """Of the bundle itself, on what no fit has heard."""
        s = self.sources
        others = s.kept_others[:_MOST_OTHERS]
        strings = score_strings(rows_of, _voice_strings(s))
        return {
            "parameters": digits_default().count_params(),
            "random_split": round(accuracy(scores_of(rows_of, s.kept.sounds), s.kept), 4),
            "random_split_clips": len(s.kept),
            "random_split_strings_right": _strings_right(rows_of, s.kept, self.request),
            "voices_strings": strings.count,
            "voices_strings_right": round(strings.right, 4),
            "voices_digit_errors": round(strings.digit_errors, 4),
            "other_words": len(others),
            "other_words_taken_for_digits": round(taken_for_digits(rows_of, others), 4),
        }


def with_backbone() -> Any:
    """`digits-default` with the backbone's weights in all layers that it has: not in the last."""
    model = digits_default()
    load_backbone().put_under(model)
    return model


def upper_of(model: Any) -> Any:
    """The layers that are fitted, with their weights."""
    upper = upper_part()
    for name in _FITTED:
        upper.get_layer(name).set_weights(model.get_layer(name).get_weights())
    return upper


def joined(upper: Any) -> Any:
    """The whole network again: the backbone, and above it what was fitted."""
    model = with_backbone()
    for name in _FITTED:
        model.get_layer(name).set_weights(upper.get_layer(name).get_weights())
    return model


def _of(heard: Heard, who: str) -> Heard:
    pairs = [(c, s) for c, s in zip(heard.clips, heard.sounds, strict=True) if c.speaker == who]
    return Heard(tuple(c for c, _ in pairs), tuple(s for _, s in pairs))


def _strings_right(rows_of: RowsOf, heard: Heard, request: DigitRequest) -> dict[str, float]:
    """By how close the digits of a string follow each other; each string is one speaker's."""
    people = sorted({c.speaker for c in heard.clips})
    share = max(1, request.recipe.strings // len(people))
    found: dict[str, float] = {}
    for name, gap_s in GAPS_S.items():
        said = []
        for number, who in enumerate(people):
            own = _of(heard, who)
            digits = [((int(c.label),), s) for c, s in zip(own.clips, own.sounds, strict=True)]
            rng = np.random.default_rng([request.seed, number, len(found)])
            said += composed(digits, share, _STRING_LENGTHS, gap_s, rng)
        found[name] = round(score_strings(rows_of, said).right, 4)
    return found


def _voice_strings(s: Sources) -> list[Any]:
    """Strings that were said as such by voices kept apart."""
    return [spoken for spoken in s.kept_voices if len(spoken[0]) > 1]
