"""A fitted network becomes a bundle, and the bundle is shown to say what the network says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..models.bundle import (
    Bundle,
    DetectorSettings,
    Kind,
    Manifest,
    Training,
    TrainingData,
    load_bundle,
    save_bundle,
)
from ..models.errors import WakefulError
from ..models.frontend import Frames, FrontEnd, FrontEndConfig
from ..models.runtime import TriggerModel
from ..synth.levels import Samples
from .measure import Probabilities, Scorer

if TYPE_CHECKING:
    from ..models.streaming import StreamingStep

Weights = Literal["float32", "int8"]
NAMED_VERSIONS = ("wakeful", "keras", "tensorflow-cpu", "tensorflow", "numpy")


class ExportError(WakefulError):
    """The bundle doesn't say what the network says."""


@dataclass(frozen=True)
class Origin:
    """How a network came to be, for its manifest."""

    command: str = ""
    recipe: str = ""
    seed: int = 0
    data: Sequence[TrainingData] = ()
    measured: dict[str, Any] = field(default_factory=dict)


def export(
    model: Any,
    stem: Path,
    *,
    keyword: str,
    frontend: FrontEndConfig,
    detector: DetectorSettings,
    weights: Weights = "float32",
    origin: Origin | None = None,
) -> Bundle:
    """Write ``STEM.tflite`` and ``STEM.json`` and read them back, checked."""
    from ..models.streaming import convert

    step = convert(model, frontend.block_frames, weights)
    return save_step(stem, step, "trigger", [keyword], frontend, origin or Origin(), detector)


def save_step(
    stem: Path,
    step: StreamingStep,
    kind: Kind,
    labels: Sequence[str],
    frontend: FrontEndConfig,
    origin: Origin,
    detector: DetectorSettings | None = None,
) -> Bundle:
    """A streamed step as a bundle, read back and checked."""
    manifest = Manifest(
        kind=kind,
        labels=list(labels),
        frontend=frontend.to_dict(),
        frames_per_call=step.frames_per_call,
        stride=step.stride,
        warmup_steps=step.warmup_steps,
        states={name: list(shape) for name, shape in step.states.items()},
        weights=step.weights,
        detector=detector or DetectorSettings(),
        training=Training(
            origin.command, origin.recipe, origin.seed, versions(), list(origin.data)
        ),
        measured=origin.measured,
    )
    return load_bundle(save_bundle(stem, manifest, step.tflite))


def versions() -> dict[str, str]:
    """Of everything that a network's numbers may depend on."""
    from importlib.metadata import PackageNotFoundError

    found = {}
    for name in NAMED_VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def streamed(bundle: Bundle, samples: Samples) -> Probabilities:
    """All of a clip through the exported step, block by block as the daemon feeds it."""
    model, frontend = TriggerModel(bundle), FrontEnd(bundle.frontend)
    state, features = model.new_state(), frontend.new_state()
    size = bundle.frontend.block_samples
    blocks = (samples[at : at + size] for at in range(0, len(samples) - size + 1, size))
    heard = [model.step(state, frontend.step(features, block)).copy() for block in blocks]
    return np.concatenate(heard) if heard else np.zeros(0, np.float32)


def bundle_scorer(bundle: Bundle) -> Scorer:
    """The exported step as a scorer: what is measured with it is what ships."""
    model, size = TriggerModel(bundle), bundle.manifest.frames_per_call

    def score(frames: Frames) -> Probabilities:
        return np.stack([_score(model, stream, size) for stream in frames])

    return score


def _score(model: TriggerModel, stream: Frames, size: int) -> Probabilities:
    state = model.new_state()
    whole = len(stream) - len(stream) % size
    return np.concatenate(
        [model.step(state, stream[at : at + size]).copy() for at in range(0, whole, size)]
    )


def largest_difference(score: Scorer, bundle: Bundle, clips: Sequence[Samples]) -> float:
    """How far the bundle's probabilities are from the network's, at worst, over some clips."""
    frontend, worst = FrontEnd(bundle.frontend), 0.0
    for samples in clips:
        ours = streamed(bundle, samples)
        frames = frontend.whole(samples)[: len(ours) * bundle.manifest.stride]
        worst = max(worst, float(np.abs(score(frames[np.newaxis])[0] - ours).max(initial=0.0)))
    return worst


def check_export(
    score: Scorer, bundle: Bundle, clips: Sequence[Samples], tolerance: float
) -> float:
    """`largest_difference`, or `ExportError` where that is above `tolerance`."""
    worst = largest_difference(score, bundle, clips)
    if worst > tolerance:
        raise ExportError(
            f"model {bundle.path}: its probabilities are up to {worst:.2g} from the network's, "
            f"{tolerance:g} is allowed; export it again as float32"
        )
    return worst
