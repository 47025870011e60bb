"""Fitting a classifier of clips: any Keras network that gives a score for each label.

Epoch by epoch with a checkpoint after each: a fit that was killed goes on from its last whole epoch
and ends with the same weights as one that was not. The older systems take Adam and nothing else
(`Recipe()` is theirs); what we ship takes everything here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from ..models.whole_file import whole

Array = npt.NDArray[Any]
_BATCH_HEARD = 256


class ClassifyError(WakefulError):
    """The fit can't go on: its checkpoint is another's, or the loss is no number."""


@dataclass(frozen=True)
class Recipe:
    """How to fit. As it stands it is the baseline: Adam, cross-entropy, 4 epochs of batches of 64.

    `rate` is the highest one where there is a `warmup_share`, from which on it falls as a cosine.
    """

    epochs: int = 4
    batch: int = 64
    rate: float = 1e-3
    warmup_share: float = 0.0
    weight_decay: float = 0.0
    average_share: float = 0.0
    """Above 0 the weights kept are the mean over about this share of all steps, the last ones."""
    smoothing: float = 0.0
    mixed_share: float = 0.0
    """So many clips lie under another one, which is no louder, and are as much of its label."""
    masked_bands: int = 0
    masked_frames: int = 0
    patience: int = 0
    """Above 0: stop after so many epochs without a better validation, and take the best."""


@dataclass(frozen=True)
class Labelled:
    """`features` [n, ...]; `labels` [n] numbers, or [n, labels] shares; how much each counts."""

    features: Array
    labels: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def shares(self, labels: int) -> npt.NDArray[np.float32]:
        """[n, labels], each row a sum of 1."""
        if self.labels.ndim == 2:
            return self.labels.astype(np.float32)
        return np.eye(labels, dtype=np.float32)[self.labels]


@dataclass
class History:
    """What each epoch gave. `accuracy` is of the validation side, where there is one."""

    losses: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    seconds: float = 0.0


Report = Callable[[int, int, float, float | None], None]
"""Told after each epoch: how many are done, of how many, the loss, the validation's accuracy."""


def silent(done: int, epochs: int, loss: float, accuracy: float | None) -> None:
    """Nobody wants to know."""


def fit_classifier(
    model: Any,
    train: Labelled,
    recipe: Recipe,
    seed: int,
    *,
    validation: Labelled | None = None,
    checkpoint: Path | None = None,
    report: Report = silent,
) -> History:
    """Fit `model` in place; raises `ClassifyError`.

    With patience it ends with the weights of the best epoch, else with the last (averaged) ones.
    """
    count = int(model.output_shape[-1])
    shares, weights = train.shares(count), _weights(train)
    steps = max(1, len(train) // recipe.batch)
    optimizer = _optimizer(recipe, steps)
    optimizer.build(model.trainable_variables)
    step = _train_step(model, optimizer, recipe)
    kept = _Kept(checkpoint, model, optimizer)
    history = kept.resume()
    began, before = time.monotonic(), history.seconds
    while len(history.losses) < recipe.epochs and not _tired(history, recipe):
        epoch = len(history.losses)
        rng = np.random.default_rng([seed, epoch])
        history.losses.append(_epoch(step, train.features, shares, weights, recipe, rng))
        if validation is not None:
            history.accuracy.append(accuracy(model, validation))
        history.seconds = before + time.monotonic() - began
        kept.save(history, best=_is_best(history))
        heard = history.accuracy[-1] if history.accuracy else None
        report(epoch + 1, recipe.epochs, history.losses[-1], heard)
    if recipe.average_share:
        optimizer.finalize_variable_values(model.trainable_variables)
    if recipe.patience:
        kept.put_back_best()
    return history


def scores(model: Any, features: Array) -> npt.NDArray[np.float32]:
    """[n, labels], as the network gives them."""
    from ..models.tensorflow_import import tensorflow as tf

    run = tf.function(lambda x: model(x, training=False), reduce_retracing=True)
    parts = [
        run(tf.cast(features[at : at + _BATCH_HEARD], tf.float32)).numpy()
        for at in range(0, len(features), _BATCH_HEARD)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, model.output_shape[-1]), np.float32)


def accuracy(model: Any, labelled: Labelled) -> float:
    """The share of clips whose label scores most; NaN of none."""
    if not len(labelled):
        return float("nan")
    return float(np.mean(scores(model, labelled.features).argmax(axis=1) == labelled.labels))


def _weights(train: Labelled) -> npt.NDArray[np.float32]:
    if train.weights is not None:
        return train.weights.astype(np.float32)
    return np.ones(len(train), np.float32)


def _tired(history: History, recipe: Recipe) -> bool:
    if not recipe.patience or not history.accuracy:
        return False
    return len(history.accuracy) - 1 - int(np.argmax(history.accuracy)) >= recipe.patience


def _is_best(history: History) -> bool:
    return bool(history.accuracy) and history.accuracy[-1] > max(
        history.accuracy[:-1], default=-1.0
    )


def _optimizer(r: Recipe, steps_an_epoch: int) -> Any:
    from ..models.keras_import import keras

    total = max(2, r.epochs * steps_an_epoch)
    rate: Any = r.rate
    if r.warmup_share:
        warmup = max(1, int(r.warmup_share * total))
        rate = keras.optimizers.schedules.CosineDecay(
            r.rate / 30, total - warmup, alpha=0.01, warmup_target=r.rate, warmup_steps=warmup
        )
    if not (r.weight_decay or r.average_share):
        return keras.optimizers.Adam(rate)
    momentum = 1.0 - 1.0 / max(2.0, r.average_share * total)
    optimizer = keras.optimizers.AdamW(
        rate,
        weight_decay=r.weight_decay,
        global_clipnorm=1.0,
        use_ema=bool(r.average_share),
        ema_momentum=momentum,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _train_step(model: Any, optimizer: Any, r: Recipe) -> Any:
    """One compiled step: (features, shares, weights, seed) to the loss."""
    from ..models.tensorflow_import import tensorflow as tf

    def step(features: Any, shares: Any, weights: Any, seed: Any) -> Any:
        x = _masked(tf.cast(features, tf.float32), seed, r)
        x, y = _mixed(x, shares, seed, r.mixed_share)
        y = y * (1.0 - r.smoothing) + r.smoothing / y.shape[1]
        with tf.GradientTape() as tape:
            found = model(x, training=True)
            cost = tf.nn.softmax_cross_entropy_with_logits(y, found)
            loss = tf.reduce_sum(cost * weights) / tf.reduce_sum(weights)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    return tf.function(step, reduce_retracing=True)


def _mixed(x: Any, y: Any, seed: Any, share: float) -> tuple[Any, Any]:
    """Each of a share of clips becomes between all and half of itself, the rest its neighbour."""
    from ..models.tensorflow_import import tensorflow as tf

    if not share:
        return x, y
    batch = tf.shape(x)[0]
    drawn = tf.random.stateless_uniform([2, batch], seed + 7)
    own = 1.0 - 0.5 * drawn[0] * tf.cast(drawn[1] < share, tf.float32)
    wide = tf.reshape(own, [batch, *([1] * (len(x.shape) - 1))])
    label = own[:, tf.newaxis]
    return (
        x * wide + tf.roll(x, 1, 0) * (1.0 - wide),
        y * label + tf.roll(y, 1, 0) * (1.0 - label),
    )


def _masked(x: Any, seed: Any, r: Recipe) -> Any:
    """Zero a run of bands and one of frames, in half of the clips each: nothing is relied upon."""
    from ..models.tensorflow_import import tensorflow as tf

    for most, axis in ((r.masked_frames, 1), (r.masked_bands, 2)):
        if most:
            drawn = tf.random.stateless_uniform([3, tf.shape(x)[0], 1, 1], seed + axis)
            length = float(x.shape[axis])
            width = tf.floor(drawn[0] * (most + 1)) * tf.cast(drawn[1] < 0.5, tf.float32)
            first = tf.floor(drawn[2] * (length - width))
            at = tf.range(length)
            at = at[tf.newaxis, :, tf.newaxis] if axis == 1 else at[tf.newaxis, tf.newaxis]
            x = tf.where((at >= first) & (at < first + width), 0.0, x)
    return x


def _epoch(
    step: Any, features: Array, shares: Array, weights: Array, r: Recipe, rng: np.random.Generator
) -> float:
    """All clips once, in drawn order; what doesn't fill a batch is left out this time."""
    batch = min(r.batch, len(features))
    order = rng.permutation(len(features))
    count = len(order) // batch
    seeds = rng.integers(2**30, size=(count, 2), dtype=np.int32)
    total = 0.0
    for number, seed in enumerate(seeds):
        rows = order[number * batch : (number + 1) * batch]
        total += float(step(features[rows], shares[rows], weights[rows], seed))
    loss = total / count
    if not np.isfinite(loss):
        raise ClassifyError(
            "fit: the loss is no number any more; take a lower rate or look at the sound"
        )
    return loss


class _Kept:
    """The checkpoint of one fit: all that changes, what the epochs gave, and the best weights."""

    def __init__(self, path: Path | None, model: Any, optimizer: Any) -> None:
        self._path, self._model, self._optimizer = path, model, optimizer
        self._best: list[Array] | None = None

    def _variables(self) -> list[Any]:
        return [*self._model.variables, *self._optimizer.variables]

    def resume(self) -> History:
        if self._path is None or not self._path.is_file():
            return History()
        with np.load(self._path) as saved:
            values = [saved[k] for k in sorted(saved.files) if k.startswith("v")]
            best = [saved[k] for k in sorted(saved.files) if k.startswith("b")]
            told = History(
                saved["losses"].tolist(), saved["accuracy"].tolist(), float(saved["seconds"])
            )
        variables = self._variables()
        if [tuple(v.shape) for v in variables] != [v.shape for v in values]:
            raise ClassifyError(
                f"{self._path}: is the checkpoint of another network; take it away to begin anew"
            )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        self._best = best or None
        return told

    def save(self, history: History, best: bool) -> None:
        if best:
            self._best = [np.asarray(w) for w in self._model.get_weights()]
        if self._path is None:
            return
        arrays: dict[str, Any] = {
            f"v{i:04d}": np.asarray(v) for i, v in enumerate(self._variables())
        }
        arrays |= {f"b{i:04d}": w for i, w in enumerate(self._best or [])}
        arrays |= {
            "losses": np.array(history.losses),
            "accuracy": np.array(history.accuracy),
            "seconds": np.array(history.seconds),
        }
        with whole(self._path) as beside, beside.open("wb") as file:
            np.savez(file, **arrays)

    def put_back_best(self) -> None:
        if self._best is not None:
            self._model.set_weights(self._best)
