"""What a run is going to do, decided once: written into its work folder, read there ever after."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec
import numpy as np

from ..models.errors import WakefulError
from ..models.frontend import FrontEndConfig
from ..models.whole_file import write_whole
from ..synth.clips import Order, make_clips
from ..synth.palette import Clip, Palette
from .examples import ExampleMaker, Examples
from .fit import FitSettings, fit
from .pace import Pace
from .recipe import STRIDE, Recipe, recipe_for

PLAN = "plan.json"
_TRIED = {"positive": 12, "hard": 8, "sentence": 10}
_TRIED_EXAMPLES, _TRIED_EPOCHS = 256, 4
_NO_CLIPS = 1e9
"""Clips that are there already take no time."""


class PlanError(WakefulError):
    """The work folder belongs to another run."""


@dataclass(frozen=True)
class Asked:
    """What was asked for: the same again goes on, anything else is another run."""

    word: str
    minutes: float
    seed: int
    made_clips: bool


class _Written(msgspec.Struct):
    asked: Asked
    recipe: Recipe
    pace: Pace | None = None


def planned(work: Path, asked: Asked, order: Order | None, processes: int) -> Recipe:
    """The recipe in `work`, or a new one by this machine's pace, written there.

    Without an order no clips are to be made. Raises `PlanError` where `work` is another run's.
    """
    path = work / PLAN
    if path.is_file():
        return _read(path, asked).recipe
    pace = measured_pace(order, processes)
    recipe = recipe_for(asked.word, asked.minutes, pace, asked.seed)
    if not order:
        recipe = replace(recipe, clips={})
    work.mkdir(parents=True, exist_ok=True)
    write_whole(path, msgspec.json.format(msgspec.json.encode(_Written(asked, recipe, pace))))
    return recipe


def planned_pace(work: Path, asked: Asked) -> Pace | None:
    """How fast the machine was when `work` was planned; None where an older plan doesn't say."""
    return _read(work / PLAN, asked).pace


def _read(path: Path, asked: Asked) -> _Written:
    try:
        written = msgspec.json.decode(path.read_bytes(), type=_Written)
    except msgspec.DecodeError as error:
        raise PlanError(f"{path}: not a plan ({error}); take the folder away") from error
    if written.asked != asked:
        was = ", ".join(f"{k} {v!r}" for k, v in asdict(written.asked).items())
        raise PlanError(f"{path}: is of another run ({was}); take the folder away or give --out")
    return written


def measured_pace(order: Order | None, processes: int) -> Pace:
    """A few clips, a few mixtures, a few steps of a fit."""
    clips = _clips_per_s(order, processes) if order else _NO_CLIPS
    began = time.perf_counter()
    (examples,) = _maker().make(_TRIED_EXAMPLES, processes)
    mixed = len(examples) / (time.perf_counter() - began)
    return Pace(clips, mixed, _fitted_per_s(examples))


def _clips_per_s(order: Order, processes: int) -> float:
    """Counted from the first that came: until then engines were loaded."""
    times: list[float] = []
    tried = replace(order, counts=_TRIED)
    with tempfile.TemporaryDirectory() as folder:
        make_clips(tried, Path(folder), processes, lambda *done: times.append(time.perf_counter()))
    return (len(times) - 1) / max(1e-3, times[-1] - times[0])


def _maker() -> ExampleMaker:
    """Mixtures of hiss take as long as any."""
    rng = np.random.default_rng(0)
    hiss = [Clip((3_000 * rng.normal(size=n)).astype(np.int16), 0, n) for n in (12_000, 64_000)]
    palette = Palette(word=hiss[:1], hard=hiss[:1], speech=hiss[1:], noise=hiss[1:])
    return ExampleMaker(palette, [FrontEndConfig()], STRIDE, seed=0)


def _fitted_per_s(examples: Examples) -> float:
    """Without the first steps, for which the network is compiled."""
    from ..models.trigger import trigger_default

    ends: list[float] = []
    settings = FitSettings(epochs=_TRIED_EPOCHS, batch=_TRIED_EXAMPLES // 2)
    fit(
        trigger_default(),
        lambda epoch: examples,
        settings,
        seed=0,
        report=lambda progress: ends.append(progress.elapsed_s),
    )
    return len(examples) * (_TRIED_EPOCHS - 1) / (ends[-1] - ends[0])
