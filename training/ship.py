"""A fitted network is exported, measured as it will run, and kept: 8-bit if that loses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from ..models.bundle import Bundle, DetectorSettings, load_bundle, save_bundle
from ..synth.levels import Samples
from .calibrate import Calibration, calibrate
from .export import Origin, Weights, check_export, export
from .measure import joined, keras_scorer
from .train import Run

TOLERANCES: dict[Weights, float] = {"float32": 1e-4, "int8": 0.2}
"""How far from the network's a probability may be, on speech."""

MAY_LOSE = 0.01
"""The 8-bit step is kept if it misses no more than so much more of the words."""

_STREAM_S = 60.0


@dataclass(frozen=True)
class Measured:
    """An exported step and what it is worth.

    `tried` holds what every form of the step was worth, `streams` the held-out sound that false
    accepts were counted on.
    """

    bundle: Bundle
    calibration: Calibration
    tried: Mapping[Weights, Calibration] = field(default_factory=dict, repr=False)
    streams: Sequence[Samples] = field(default=(), repr=False)


def ship(run: Run, model: Any, stem: Path, origin: Origin) -> Measured:
    """Export as float and 8-bit, measure both, and keep the better one under `stem`.

    The other one lies beside it as `stem`-float32 or `stem`-int8. What is kept are the very bytes
    that were measured, each with the threshold that was found for it.
    """
    streams = joined(run.sound.held_out, _STREAM_S)
    exact, small = (_measure(run, model, weights, streams, origin) for weights in TOLERANCES)
    loss = small.calibration.chosen.miss_rate - exact.calibration.chosen.miss_rate
    kept, other = (small, exact) if loss <= MAY_LOSE else (exact, small)
    _keep(other, stem.with_name(f"{stem.name}-{other.bundle.manifest.weights}"), origin)
    tried: dict[Weights, Calibration] = {
        m.bundle.manifest.weights: m.calibration for m in (exact, small)
    }
    return Measured(_keep(kept, stem, origin), kept.calibration, tried, streams)


def _keep(measured: Measured, stem: Path, origin: Origin) -> Bundle:
    found = measured.calibration
    manifest = msgspec.structs.replace(
        measured.bundle.manifest,
        detector=DetectorSettings(threshold=round(found.chosen.threshold, 5)),
        measured=origin.measured | found.figures(),
    )
    return load_bundle(save_bundle(stem, manifest, measured.bundle.tflite))


def _measure(
    run: Run, model: Any, weights: Weights, streams: Sequence[Samples], origin: Origin
) -> Measured:
    recipe, sound = run.recipe, run.sound
    bundle = export(
        model,
        run.work / f"{recipe.name}-{weights}",
        keyword=recipe.word,
        frontend=recipe.frontend,
        detector=DetectorSettings(),
        weights=weights,
        origin=origin,
    )
    some = [stream[: 10 * 16_000] for stream in streams[:5]]
    worst = check_export(keras_scorer(model), bundle, some, TOLERANCES[weights])
    found = calibrate(
        bundle,
        sound.test_words,
        sound.test_near,
        streams,
        recipe.aim_per_hour,
        sound.own_words,
    )
    run.say(f"{weights}: at worst {worst:.1e} from the network; {found.figures()}")
    return Measured(bundle, found)
