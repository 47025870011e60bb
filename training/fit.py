"""Fitting a trigger network: AdamW, warm-up and cosine, averaged weights, one checkpoint an epoch.

A fit that was killed goes on from its last whole epoch and ends with the same weights as one that
was not: all it draws comes from the seed and the epoch's number.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import WakefulError
from ..models.whole_file import whole
from .examples import MASKED, Examples
from .workers import Crew, crew

_TOLD = ("epochs_done", "losses")
"""What a checkpoint holds besides variables."""


class FitError(WakefulError):
    """The fit can't go on: its checkpoint is another's, or the loss is no number."""


@dataclass(frozen=True)
class FitSettings:
    """How to fit. `masked_bands`: in half the examples up to so many bands are made zero."""

    epochs: int = 8
    batch: int = 128
    peak_rate: float = 2e-3
    warmup_share: float = 0.08
    weight_decay: float = 1e-3
    average_share: float = 0.06
    """The weights kept are the mean over about this share of all steps, the last ones."""
    word_weight: float = 2.0
    pooled_steps: float = 0.0
    """Above 0 a word counts once, by its surest step, as much as so many steps would."""
    tail_power: float = 0.0
    """Above 0 a step counts (error)^power: a few loud false accepts outweigh many low ones."""
    masked_bands: int = 6
    compiled: bool = False
    """By XLA: on an idle machine a step took a tenth less, on a busy one four times as long."""


@dataclass(frozen=True)
class Progress:
    """What an epoch gave."""

    epoch: int
    epochs: int
    loss: float
    elapsed_s: float
    left_s: float


Report = Callable[[Progress], None]
"""Whoever shows progress; called after each epoch."""


def fit(
    model: Any,
    epoch_examples: Callable[[int], Examples],
    settings: FitSettings,
    seed: int,
    *,
    checkpoint: Path | None = None,
    report: Report = lambda progress: None,
) -> None:
    """Fit `model` ([batch, frames, bands] to [batch, steps, 1] probabilities) in place.

    Where the examples have a teacher's targets, `model` gives [batch, steps, numbers], and the loss
    is the squared distance from them: so a backbone is fitted. `epoch_examples` gives each epoch's
    examples; every epoch must have equally many. Ends with the averaged weights. Raises `FitError`
    on a checkpoint of another network or a lost fit, `WorkersError` where several machines fit
    together and can't.
    """
    workers = crew()
    steps = len(epoch_examples(0)) // settings.batch
    optimizer = _optimizer(settings, steps)
    optimizer.build(model.trainable_variables)
    losses = _resume(checkpoint, model, optimizer) if checkpoint else []
    first = len(losses)
    workers.agree(first, steps)
    train_step = _train_step(model, optimizer, settings, workers)
    began = time.monotonic()
    for epoch in range(first, settings.epochs):
        drawn = np.random.default_rng([seed, epoch])
        loss = _epoch(train_step, epoch_examples(epoch), settings, drawn, workers)
        workers.settle(model.non_trainable_variables)
        losses.append(loss)
        if checkpoint:
            _save(checkpoint, model, optimizer, losses)
        elapsed_s = time.monotonic() - began
        left_s = elapsed_s / (epoch + 1 - first) * (settings.epochs - epoch - 1)
        report(Progress(epoch + 1, settings.epochs, loss, elapsed_s, left_s))
    optimizer.finalize_variable_values(model.trainable_variables)


def _optimizer(s: FitSettings, steps_an_epoch: int) -> Any:
    from ..models.keras_import import keras

    total = max(2, s.epochs * steps_an_epoch)
    warmup = max(1, int(s.warmup_share * total))
    rate = keras.optimizers.schedules.CosineDecay(
        s.peak_rate / 50,
        decay_steps=total - warmup,
        alpha=0.01,
        warmup_target=s.peak_rate,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(
        rate,
        weight_decay=s.weight_decay,
        global_clipnorm=1.0,
        use_ema=True,
        ema_momentum=1.0 - 1.0 / max(2.0, s.average_share * total),
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _train_step(model: Any, optimizer: Any, s: FitSettings, workers: Crew) -> Any:
    """One compiled step: (features float16, labels int8, targets or none, seed) to the loss."""
    from ..models.tensorflow_import import tensorflow as tf

    def step(features: Any, labels: Any, targets: Any, seed: Any) -> Any:
        x = _mask_bands(tf.cast(features, tf.float32), seed, s.masked_bands)
        with tf.GradientTape() as tape:
            found = model(x, training=True)
            taught = targets is not None
            loss = _distance(found, targets) if taught else _loss(found[..., 0], labels, s)
        gradients = tape.gradient(loss, model.trainable_variables)
        *gradients, loss = workers.mean([*gradients, loss])
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    return tf.function(step, jit_compile=s.compiled, reduce_retracing=True)


def _loss(probability: Any, labels: Any, s: FitSettings) -> Any:
    from ..models.tensorflow_import import tensorflow as tf

    word = tf.cast(labels == 1, tf.float32)
    counts = tf.cast(labels != MASKED, tf.float32) * (1.0 + (s.word_weight - 1.0) * word)
    right = tf.where(labels == 1, probability, 1.0 - probability)
    cost = -tf.math.log(tf.clip_by_value(right, 1e-7, 1.0))
    if s.tail_power:
        cost *= tf.stop_gradient(tf.pow(1.0 - right + 1e-3, s.tail_power))
    if s.pooled_steps:
        surest = tf.reduce_min(tf.where(labels == 1, cost, 20.0), axis=1, keepdims=True)
        once = word * s.pooled_steps / tf.maximum(tf.reduce_sum(word, axis=1, keepdims=True), 1.0)
        cost = tf.where(labels == 1, surest, cost)
        counts = tf.where(labels == 1, once, counts)
    return tf.reduce_sum(cost * counts) / tf.reduce_sum(counts)


def _distance(found: Any, targets: Any) -> Any:
    """Mean squared, over the numbers that the teacher gave."""
    from ..models.tensorflow_import import tensorflow as tf

    given = tf.cast(targets, tf.float32)
    there = tf.math.is_finite(given)
    error = tf.where(there, found - tf.where(there, given, 0.0), 0.0)
    return tf.reduce_sum(error * error) / tf.maximum(tf.reduce_sum(tf.cast(there, tf.float32)), 1.0)


def _mask_bands(x: Any, seed: Any, most: int) -> Any:
    """Zero a run of up to `most` bands in half the examples: no band may be relied upon."""
    from ..models.tensorflow_import import tensorflow as tf

    if not most:
        return x
    batch, bands = tf.shape(x)[0], x.shape[2]
    drawn = tf.random.stateless_uniform([3, batch, 1, 1], seed)
    width = tf.floor(drawn[0] * (most + 1)) * tf.cast(drawn[1] < 0.5, tf.float32)
    first = drawn[2] * (bands - width)
    band = tf.range(bands, dtype=tf.float32)
    inside = (band >= tf.floor(first)) & (band < tf.floor(first) + width)
    return tf.where(inside, 0.0, x)


def _epoch(
    train_step: Any, examples: Examples, s: FitSettings, rng: np.random.Generator, workers: Crew
) -> float:
    """All examples once, in drawn order; what doesn't fill a batch is left out this time."""
    order = rng.permutation(len(examples))
    seeds = rng.integers(2**31, size=(len(order) // s.batch, 2), dtype=np.int32)
    total = 0.0
    for number, seed in enumerate(seeds):
        rows = workers.share(order[number * s.batch : (number + 1) * s.batch])
        targets = examples.targets[rows] if examples.targets is not None else None
        total += float(train_step(examples.features[rows], examples.labels[rows], targets, seed))
    loss = total / max(1, len(seeds))
    if not np.isfinite(loss):
        raise FitError(
            "fit: the loss is no number any more; take a lower rate or look at the sound"
        )
    return loss


def _save(path: Path, model: Any, optimizer: Any, losses: Sequence[float]) -> None:
    values = _variables(model, optimizer)
    arrays: dict[str, Any] = {f"{i:03d}": np.asarray(v) for i, v in enumerate(values)}
    arrays |= {"epochs_done": np.int64(len(losses)), "losses": np.array(losses, np.float64)}
    with whole(path) as beside, beside.open("wb") as file:
        np.savez(file, **arrays)


def _resume(path: Path, model: Any, optimizer: Any) -> list[float]:
    """Put back what was saved, if anything; returns the loss of each epoch that is done."""
    if not path.is_file():
        return []
    with np.load(path) as saved:
        values = [saved[name] for name in sorted(saved.files) if name not in _TOLD]
        losses = _losses(saved)
    put_back(path, _variables(model, optimizer), values)
    return losses


def put_back(path: Path, variables: Sequence[Any], values: Sequence[Any]) -> None:
    """Give variables what a checkpoint holds for them; raises `FitError` for another network's."""
    if [tuple(v.shape) for v in variables] != [v.shape for v in values]:
        raise FitError(f"{path}: is the checkpoint of another network; take it away to begin anew")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def kept_losses(path: Path) -> list[float]:
    """The loss of each epoch that a checkpoint has behind it; none where there is no checkpoint.

    NaN for the epochs of a checkpoint from before losses were kept.
    """
    if not path.is_file():
        return []
    with np.load(path) as saved:
        return _losses(saved)


def _losses(saved: Any) -> list[float]:
    if "losses" not in saved.files:
        return [math.nan] * int(saved["epochs_done"])
    return [float(loss) for loss in saved["losses"]]


def _variables(model: Any, optimizer: Any) -> list[Any]:
    """All that changes: weights, moving statistics, dropouts' seeds, the optimizer's moments."""
    return [*model.variables, *optimizer.variables]
