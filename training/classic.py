"""`trigger-classic` from a folder of compositions: fitted, measured beside silence, kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ..models.bundle import TrainingData
from ..models.errors import UsageError
from ..synth.collection import shown
from .classic_examples import Composed, batches, read_composed, require_others, require_two
from .classic_fit import ClassicRecipe, Epoch, Task, fit_classic, losses, predictor
from .classic_model import (
    CHECKPOINT,
    NAME,
    describe,
    load_model,
    save_manifest,
    save_model,
    versions,
)
from .classic_picture import draw_confusion, draw_losses
from .classic_scores import THRESHOLD, Scores, scored
from .drawing import can_draw

Say = Callable[[str], None]


@dataclass(frozen=True)
class ClassicRequest:
    """What was asked for. `held_out` are compositions to measure by instead of a tenth."""

    composed: Path
    out: Path
    epochs: int = 10
    seed: int = 1
    held_out: Path | None = None
    data: Sequence[TrainingData] = ()
    command: str = ""


@dataclass(frozen=True)
class Measured:
    """A trained net's scores, and of which examples: "development" or "held-out"."""

    out: Path
    on: str
    scores: Scores
    loss: float

    def figures(self) -> dict[str, Any]:
        """For a program and for the manifest; `silent` is a net that says nothing."""
        return {
            "on": self.on,
            "examples": self.scores.examples,
            "threshold": THRESHOLD,
            "loss": self.loss,
            "net": self.scores.figures(),
            "silent": self.scores.silent.figures(),
        }


def train_classic(request: ClassicRequest, say: Say) -> Measured:
    """Fit, measure and write it; a run that was killed goes on from its last whole epoch.

    Raises `ComposedError`, `ClassicFitError`, `ClassicModelError` and `UsageError`.
    """
    composed, held_out = _folders(request)
    require_two(composed)
    _make(request.out)
    model = _network(request.seed)
    task = Task(composed, request.epochs, request.seed, request.out / CHECKPOINT)
    say(f"{len(composed.fitted)} compositions to fit, {len(composed.development)} kept apart")
    history = fit_classic(model, task, lambda epoch, left_s: say(_told(epoch, task, left_s)))
    measured = _measure(model, request.out, composed, held_out)
    manifest = describe(model) | _origin(request, composed, history)
    save_model(request.out, model, manifest | {"measured": measured.figures()})
    _draw(measured, history, say)
    return measured


def measure_classic(request: ClassicRequest, say: Say) -> Measured:
    """Measure a trained net of `request.out` again, and write that into its manifest."""
    composed, held_out = _folders(request)
    model = _network(request.seed)
    manifest = load_model(request.out, model)
    measured = _measure(model, request.out, composed, held_out)
    save_manifest(request.out, manifest | {"measured": measured.figures()})
    _draw(measured, (), say)
    return measured


def _folders(request: ClassicRequest) -> tuple[Composed, Composed | None]:
    composed = read_composed(request.composed)
    held_out = read_composed(request.held_out) if request.held_out else None
    if held_out:
        require_others(held_out, composed)
    return composed, held_out


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {shown(out)}: {error.strerror}; give another folder") from error


def _network(seed: int) -> Any:
    """Fresh, the same for a seed."""
    from ..models.keras_import import keras
    from ..models.trigger import trigger_classic

    keras.utils.set_random_seed(seed)
    return trigger_classic()


def _measure(model: Any, out: Path, composed: Composed, held_out: Composed | None) -> Measured:
    asked = held_out or composed
    numbers = held_out.numbers if held_out else composed.development
    found: list[float] = []
    scores = scored(_answers(model, asked, numbers, found))
    on = "held-out" if held_out else "development"
    return Measured(out, on, scores, float(np.mean(found)))


def _answers(
    model: Any, composed: Composed, numbers: Sequence[int], found: list[float]
) -> Iterator[tuple[Any, Any]]:
    """(probability, labels) of each example, and its loss into `found`."""
    predict = predictor(model)
    for features, labels in batches(composed, numbers, ClassicRecipe().batch):
        probability = np.asarray(predict(features))
        found += losses(labels, probability).tolist()
        yield from zip(probability, labels, strict=True)


def _origin(
    request: ClassicRequest, composed: Composed, history: Sequence[Epoch]
) -> dict[str, Any]:
    return {
        "recipe": asdict(ClassicRecipe()),
        "epochs": len(history),
        "seed": request.seed,
        "command": request.command,
        "versions": versions(),
        "data": {
            "fitted": len(composed.fitted),
            "development": len(composed.development),
            "digest": composed.digest,
            "order": composed.order,
            "used": msgspec.to_builtins(list(request.data)),
        },
        "history": [asdict(epoch) for epoch in history],
    }


def _draw(measured: Measured, history: Sequence[Epoch], say: Say) -> None:
    if not can_draw():
        say("no pictures: matplotlib is not installed (pip install 'wakeful[plot]')")
        return
    draw_confusion(measured.out / f"{NAME}-confusion.png", measured.scores.steps)
    if history:
        draw_losses(measured.out / f"{NAME}-loss.png", history)


def _told(epoch: Epoch, task: Task, left_s: float) -> str:
    return (
        f"epoch {epoch.number}/{task.epochs}: loss {epoch.loss:.4f}, development "
        f"{epoch.development_loss:.4f}; {epoch.taken_s:.0f} s, {left_s / 60:.0f} min left"
    )
