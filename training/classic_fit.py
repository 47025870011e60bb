"""Fitting `trigger-classic` as it was: Adam, five at a time, binary cross-entropy on every step.

A fit that was killed goes on from its last whole epoch and ends with the same weights as one that
was not: all it draws comes from the seed and the epoch's number, or lies in the checkpoint.
"""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from ..models.whole_file import whole
from ..synth.collection import shown
from .classic_examples import BANDS, FRAMES, Batch, Composed, batches
from .classic_scores import Steps


class ClassicFitError(WakefulError):
    """The fit can't go on: its checkpoint is broken or another's, or the loss is no number."""


@dataclass(frozen=True)
class ClassicRecipe:
    """How the classic system fitted."""

    rate: float = 1e-4
    batch: int = 5
    loss: str = "binary cross-entropy, the mean over all steps"
    optimizer: str = "adam"


@dataclass(frozen=True)
class Epoch:
    """What an epoch gave; `development_loss` is of examples that are not fitted on."""

    number: int
    loss: float
    development_loss: float
    taken_s: float


Report = Callable[[Epoch, float], None]
"""Told of each epoch, and how many seconds are left."""


@dataclass(frozen=True)
class Task:
    """What is fitted on, and how."""

    composed: Composed
    epochs: int
    seed: int
    checkpoint: Path
    recipe: ClassicRecipe = ClassicRecipe()

    def label(self) -> str:
        """What a checkpoint must be of. More epochs may be asked for: the rate is constant."""
        c = self.composed
        ours = {"seed": self.seed, "folder": c.digest, "recipe": asdict(self.recipe)}
        return json.dumps(ours, sort_keys=True)


def fit_classic(model: Any, task: Task, report: Report) -> tuple[Epoch, ...]:
    """Fit in place and tell all epochs, also those of an earlier run; raises `ClassicFitError`."""
    from ..models.keras_import import keras

    optimizer = keras.optimizers.Adam(task.recipe.rate)
    optimizer.build(model.trainable_variables)
    done = _resume(task, model, optimizer)
    train_step, predict = _train_step(model, optimizer), predictor(model)
    first, began = len(done), time.monotonic()
    for number in range(first, task.epochs):
        epoch = _epoch(task, number, train_step, predict)
        done.append(epoch)
        _save(task, model, optimizer, done)
        each_s = (time.monotonic() - began) / (number + 1 - first)
        report(epoch, each_s * (task.epochs - number - 1))
    return tuple(done)


def _epoch(task: Task, number: int, train_step: Any, predict: Any) -> Epoch:
    began, composed, size = time.monotonic(), task.composed, task.recipe.batch
    rng = np.random.default_rng([task.seed, number])
    order = rng.permutation(np.array(composed.fitted)).tolist()
    loss = _mean_loss(train_step, batches(composed, order, size))
    if not np.isfinite(loss):
        raise ClassicFitError(
            f"epoch {number + 1}: the loss is no number any more; look at the recordings, or take "
            "another --seed"
        )
    apart = batches(composed, composed.development, size)
    development = _mean_loss(lambda x, y: losses(y, np.asarray(predict(x))).mean(), apart)
    return Epoch(number + 1, loss, development, time.monotonic() - began)


def _mean_loss(loss_of: Any, some: Iterator[Batch]) -> float:
    """Of all examples, though the last batch is smaller."""
    found = [(float(loss_of(*batch)), len(batch[0])) for batch in some]
    return sum(loss * count for loss, count in found) / sum(count for _, count in found)


def _train_step(model: Any, optimizer: Any) -> Any:
    """One compiled step: (features, labels) to the loss before it."""
    from ..models.tensorflow_import import tensorflow as tf

    def step(features: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = _cross_entropy(labels, model(features, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    return tf.function(step, input_signature=_signature(model))


def predictor(model: Any) -> Any:
    """Compiled, for it takes 1,375 steps: features [n, 5511, 101] to probabilities [n, 1375, 1]."""
    from ..models.tensorflow_import import tensorflow as tf

    def predict(features: Any) -> Any:
        return model(features, training=False)

    return tf.function(predict, input_signature=_signature(model)[:1])


def losses(labels: Steps, probability: Steps) -> npt.NDArray[np.float64]:
    """Binary cross-entropy of each example: [n]."""
    right = np.where(labels == 1, probability, 1.0 - probability)
    mean: npt.NDArray[np.float64] = -np.log(np.clip(right, 1e-7, 1.0)).mean(axis=(1, 2))
    return mean


def _signature(model: Any) -> list[Any]:
    """Any number of examples: the last batch of an epoch needs no graph of its own."""
    from ..models.tensorflow_import import tensorflow as tf

    steps = model.output_shape[1]
    return [tf.TensorSpec((None, FRAMES, BANDS)), tf.TensorSpec((None, steps, 1))]


def _cross_entropy(labels: Any, probability: Any) -> Any:
    from ..models.keras_import import keras

    return keras.losses.BinaryCrossentropy()(labels, probability)


def _save(task: Task, model: Any, optimizer: Any, done: Sequence[Epoch]) -> None:
    path = task.checkpoint
    arrays: dict[str, Any] = {
        f"{i:03d}": np.asarray(v) for i, v in enumerate(_variables(model, optimizer))
    }
    history = json.dumps([asdict(epoch) for epoch in done])
    try:
        with whole(path) as beside, beside.open("wb") as file:
            np.savez(file, label=np.array(task.label()), history=np.array(history), **arrays)
    except OSError as error:
        raise ClassicFitError(
            f"{shown(path)}: can't be written ({error.strerror or error}); the same command goes "
            "on from here when that is mended"
        ) from error


def _resume(task: Task, model: Any, optimizer: Any) -> list[Epoch]:
    """Put back what was saved, if anything; returns the epochs that are done."""
    path = task.checkpoint
    if not path.is_file():
        return []
    label, history, values = _saved(path)
    variables = _variables(model, optimizer)
    if [tuple(v.shape) for v in variables] != [v.shape for v in values]:
        raise ClassicFitError(
            f"{shown(path)}: is the checkpoint of another network; take it away to begin anew"
        )
    if label != task.label():
        raise ClassicFitError(
            f"{shown(path)}: is of another seed, recipe or folder of compositions; take it away to "
            "begin anew, or give another --out"
        )
    if len(history) > task.epochs:
        raise ClassicFitError(
            f"{shown(path)}: {len(history)} epochs are done, {task.epochs} were asked for; take it "
            "away to begin anew"
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return history


def _saved(path: Path) -> tuple[str, list[Epoch], list[Any]]:
    try:
        with path.open("rb") as file, np.load(file) as saved:
            values = [saved[name] for name in sorted(saved.files) if name.isdecimal()]
            history = [Epoch(**row) for row in json.loads(str(saved["history"]))]
            return str(saved["label"]), history, values
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ClassicFitError(
            f"{shown(path)}: not a checkpoint of this fit, or a broken one; take it away to begin "
            "anew"
        ) from error


def _variables(model: Any, optimizer: Any) -> list[Any]:
    """All that changes: weights, moving statistics, dropouts' seeds, the optimizer's moments."""
    return [*model.variables, *optimizer.variables]
