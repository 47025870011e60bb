"""Which normalisation of the front end bears levels best: fitted alike, measured on real speech.

The mixtures are drawn once, from one seed; only what is made of their sound differs. Then every
network hears the same real recordings as they are, as a whisper far away and as a shout close by,
without and with noise, and after a sudden change of level.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..models.frontend import FrontEnd, FrontEndConfig
from ..synth.levels import (
    Samples,
    active_dbfs,
    gain,
    peak_dbfs,
    to_float,
    to_int16,
)
from ..synth.palette import Clip, Palette
from .corpus import in_half, read_clips, read_folders
from .examples import ExampleMaker, Examples
from .fit import FitSettings, Progress, fit
from .measure import Point, Rule, at_most, joined, keras_scorer, points, score_clips
from .noisy import with_noise

STRIDE = 3
LIMITS_PER_HOUR = (5.0, 2.0)
WHISPER_DBFS = -45.0
SHOUT_PEAK_DBFS = -0.5
NOISE_SNR_DB = 10.0

VARIANTS: dict[str, FrontEndConfig] = {
    "log": FrontEndConfig(normalisation="log"),
    "pcen": FrontEndConfig(normalisation="pcen", memory_s=0.4),
    "pcen-2s": FrontEndConfig(normalisation="pcen", memory_s=2.0),
    "running-1s": FrontEndConfig(normalisation="running", memory_s=1.0),
    "running-2s": FrontEndConfig(normalisation="running", memory_s=2.0),
    "running-4s": FrontEndConfig(normalisation="running", memory_s=4.0),
}

Change = Callable[[Samples], Samples]


def as_it_is(samples: Samples) -> Samples:
    """Nothing changed."""
    return samples


def whispered(samples: Samples) -> Samples:
    """What sounds in it brought to -45 dBFS RMS."""
    sound = to_float(samples)
    return to_int16(sound * np.float32(gain(WHISPER_DBFS - active_dbfs(sound))))


def shouted(samples: Samples) -> Samples:
    """Its peak brought to -0.5 dBFS."""
    sound = to_float(samples)
    return to_int16(sound * np.float32(gain(SHOUT_PEAK_DBFS - peak_dbfs(sound))))


LEVELS: dict[str, Change] = {"own": as_it_is, "whisper": whispered, "shout": shouted}


def after_a_jump(
    clips: Sequence[Samples], speech: Sequence[Samples], jump_db: float
) -> list[Samples]:
    """Two seconds of other speech, then the clip, its level `jump_db` above that speech's."""
    joined_up = []
    for clip, before in zip(clips, speech, strict=False):
        first, second = to_float(before[:32_000]), to_float(clip)
        level = active_dbfs(second) - jump_db
        first = first * np.float32(gain(level - active_dbfs(first)))
        both = np.concatenate([first, second])
        joined_up.append(to_int16(both * np.float32(1.0 / max(1.0, float(np.abs(both).max())))))
    return joined_up


@dataclass(frozen=True)
class Row:
    """One variant on one kind of test."""

    variant: str
    test: str
    at: dict[str, Point]

    def cells(self) -> list[str]:
        """For a table in Markdown."""
        return [self.variant, self.test] + [f"{100 * p.miss_rate:.1f} %" for p in self.at.values()]


def build_network(bands: int) -> Any:
    """A fresh ``trigger-default``."""
    from ..models.trigger import TriggerSize, trigger_default

    return trigger_default(TriggerSize(bands=bands))


def measure_variant(name: str, model: Any, test: TestSet) -> list[Row]:
    """All tests of one fitted network.

    The false accepts of "own" limit all tests at their own level, those of "whisper" the whispered
    ones, and so on: a threshold is chosen for a user who always speaks like that. The rows
    ``one threshold`` take all three levels' false accepts together: that is what ships.
    """
    score, frontend = keras_scorer(model), FrontEnd(VARIANTS[name])
    heard = {
        level: score_clips(score, frontend, [change(s) for s in test.speech], STRIDE)
        for level, change in LEVELS.items()
    }
    every = [p for scored in heard.values() for p in scored]
    rule, rows = Rule(), []
    for level, change in LEVELS.items():
        for noise, clips in (("clean", test.word), ("10 dB", test.noisy)):
            word = score_clips(score, frontend, [change(c) for c in clips], STRIDE)
            rows.append(
                _row(name, f"{level}, {noise}", points(word, heard[level], test.hours, rule))
            )
            found = points(word, every, 3 * test.hours, rule)
            rows.append(_row(name, f"{level}, {noise}, one threshold", found))
    for jump_db in (-20.0, 20.0):
        clips = after_a_jump(test.word, test.speech_clips, jump_db)
        word = score_clips(score, frontend, clips, STRIDE)
        found = points(word, every, 3 * test.hours, rule)
        rows.append(_row(name, f"jump of {jump_db:+.0f} dB, one threshold", found))
    return rows


def _row(name: str, test: str, found: list[Point]) -> Row:
    return Row(name, test, {f"{limit:g}": at_most(found, limit) for limit in LIMITS_PER_HOUR})


@dataclass(frozen=True)
class TestSet:
    """Real recordings: of the word, the same with noise, streams of other speech, and its files."""

    word: list[Samples]
    noisy: list[Samples]
    speech: list[Samples]
    speech_clips: list[Samples]

    @property
    def hours(self) -> float:
        """Length of the streams."""
        return sum(map(len, self.speech)) / 16_000 / 3600


FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--clips", type=FOLDER, required=True, help="holds positive, hard and sentence")
@click.option("--negatives", type=FOLDER, multiple=True, help="speech to fit on")
@click.option("--halves", type=FOLDER, multiple=True, help="speech: half to fit on, half to test")
@click.option("--held-out", type=FOLDER, multiple=True, help="speech to test on")
@click.option("--noise", type=FOLDER, multiple=True, help="half to fit on, half to test")
@click.option("--positives", type=FOLDER, required=True, help="real clips of the word")
@click.option("--variant", "variants", type=click.Choice(list(VARIANTS)), multiple=True)
@click.option("--examples", default=8_000, show_default=True)
@click.option("--epochs", default=12, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--processes", default=2, show_default=True)
@click.option("--out", type=FOLDER, required=True, help="where figures and weights go")
def main(**given: Any) -> None:
    """Fit a network for each front end on the same mixtures and print what each is worth."""
    study = Study(**given)
    names = list(study.variants or VARIANTS)
    noise = read_folders(study.noise)
    palette = study.palette([c for c in noise if in_half(c.name, 0)])
    maker = ExampleMaker(palette, [VARIANTS[n] for n in names], STRIDE, study.seed)
    began = time.monotonic()
    made = maker.make(study.examples, study.processes)
    click.echo(f"{study.examples} mixtures in {time.monotonic() - began:.0f} s", err=True)
    test = study.test_set([c for c in noise if in_half(c.name, 1)])
    study.out.mkdir(parents=True, exist_ok=True)
    for name, mine in zip(names, made, strict=True):
        study.fit_and_measure(name, mine, test)


@dataclass(frozen=True)
class Study:
    """What the command line asked for."""

    clips: Path
    negatives: tuple[Path, ...]
    halves: tuple[Path, ...]
    held_out: tuple[Path, ...]
    noise: tuple[Path, ...]
    positives: Path
    variants: tuple[str, ...]
    examples: int
    epochs: int
    seed: int
    processes: int
    out: Path

    def palette(self, noise: Sequence[Clip]) -> Palette:
        """What is fitted on."""
        halves = [c for c in read_folders(self.halves) if in_half(c.name, 0)]
        spoken = read_clips(self.clips / "sentence", "train")
        return Palette(
            word=read_clips(self.clips / "positive", "train"),
            hard=read_clips(self.clips / "hard", "train"),
            speech=[*read_folders(self.negatives), *halves, *spoken],
            noise=noise,
        )

    def test_set(self, noise: Sequence[Clip]) -> TestSet:
        """The real clips of the word, and the speech that nothing is fitted on."""
        word = [c.samples for c in read_folders([self.positives])]
        halves = [c for c in read_folders(self.halves) if in_half(c.name, 1)]
        speech = [*read_folders(self.held_out), *halves]
        long_enough = [c.samples for c in speech if len(c.samples) >= 32_000]
        order = np.random.default_rng(self.seed).permutation(len(long_enough))
        before = [long_enough[order[i % len(order)]] for i in range(len(word))]
        noisy = with_noise(word, noise, NOISE_SNR_DB, self.seed)
        return TestSet(word, noisy, joined(speech, 60.0), before)

    def fit_and_measure(self, name: str, mine: Examples, test: TestSet) -> None:
        """One variant, from the same start as every other."""
        from ..models.keras_import import keras

        keras.utils.set_random_seed(self.seed)
        model = build_network(mine.features.shape[2])
        settings = FitSettings(epochs=self.epochs)
        fit(model, lambda epoch: mine, settings, self.seed, report=_tell(name))
        model.save_weights(self.out / f"{name}.weights.h5")
        rows = measure_variant(name, model, test)
        figures = {"hours": test.hours, "words": len(test.word), "rows": [asdict(r) for r in rows]}
        (self.out / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n")
        for row in rows:
            click.echo("| " + " | ".join(row.cells()) + " |")


def _tell(name: str) -> Callable[[Progress], None]:
    def tell(p: Progress) -> None:
        click.echo(
            f"{name}: epoch {p.epoch}/{p.epochs} loss {p.loss:.4f} {p.left_s:.0f} s left", err=True
        )

    return tell


if __name__ == "__main__":
    main()
