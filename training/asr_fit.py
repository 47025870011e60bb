"""Fitting a CTC network: batch after batch until its time or its epochs are over, resumable.

A checkpoint holds weights, optimizer, averaged weights and the loss of every chapter of so many
batches, so that a fit that was killed goes on from its last whole chapter.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..models.whole_file import whole
from .asr_examples import Batch
from .fit import FitError, put_back

Batches = Callable[[int], Iterator[Batch]]
"""An epoch's number -> its batches."""


@dataclass(frozen=True)
class CtcSettings:
    """How to fit; it ends after `epochs`, or `minutes` where those are not 0."""

    epochs: int = 2
    minutes: float = 0.0
    optimizer: Literal["sgd", "adamw"] = "adamw"
    """"sgd": the older systems' recipe, Nesterov's momentum at a constant rate."""
    peak_rate: float = 2e-3
    warmup_share: float = 0.03
    weight_decay: float = 1e-4
    clip_norm: float = 1.0
    average: float = 0.998
    """The weights kept are a running mean of the last 1 / (1 - average) steps; 0 for none."""
    chapter: int = 100


OLDER = CtcSettings(epochs=20, optimizer="sgd", peak_rate=0.02, clip_norm=5.0, average=0.0)
"""SGD with Nesterov's momentum of 0.9 and gradients clipped to a norm of 5."""


@dataclass(frozen=True)
class Chapter:
    """What some batches gave; `loss` is in nats a symbol, `share` how much of the fit is done."""

    epoch: int
    batches: int
    loss: float
    share: float


Report = Callable[[Chapter], None]


def fit_ctc(
    model: Any,
    batches: Batches,
    settings: CtcSettings,
    *,
    checkpoint: Path | None = None,
    report: Report = lambda chapter: None,
    batches_an_epoch: int = 0,
) -> list[float]:
    """Fit in place and return the loss of each chapter; raises `FitError` for a lost fit.

    `batches_an_epoch` is needed for the schedule where no minutes are set.
    """
    optimizer = _optimizer(settings)
    optimizer.build(model.trainable_variables)
    mean = [v.numpy() for v in model.trainable_variables]
    kept = _resume(checkpoint, model, optimizer, mean) if checkpoint else _Kept()
    step = _train_step(model, optimizer)
    rows: list[float] = []
    for epoch, batch in _stream(batches, settings, kept):
        share = _share(settings, kept, batches_an_epoch)
        if share >= 1.0:
            break
        began = time.monotonic()
        optimizer.learning_rate.assign(_rate(settings, share))
        rows.append(_stepped(step, batch))
        kept.spent_s += time.monotonic() - began + kept.waited_s
        kept.waited_s, kept.batches, kept.epoch = 0.0, kept.batches + 1, epoch
        if settings.average:
            _follow(mean, model, min(settings.average, kept.batches / (kept.batches + 10)))
        if len(rows) == settings.chapter:
            _close(kept, rows, settings, model, optimizer, mean, checkpoint)
            report(Chapter(epoch, kept.batches, kept.losses[-1], share))
            rows = []
    if rows:
        _close(kept, rows, settings, model, optimizer, mean, checkpoint)
        report(Chapter(kept.epoch, kept.batches, kept.losses[-1], 1.0))
    if settings.average:
        for variable, value in zip(model.trainable_variables, mean, strict=True):
            variable.assign(value)
    return kept.losses


class _Kept:
    """How far a fit has come."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.spent_s = 0.0
        self.waited_s = 0.0
        self.batches = 0
        self.epoch = 0


def _stream(batches: Batches, s: CtcSettings, kept: _Kept) -> Iterator[tuple[int, Batch]]:
    """Batch after batch with its epoch; the next is mixed by a thread while one is learned from.

    After a kill the epoch begins anew: what was learned of its first half is heard twice.
    """
    epochs = range(kept.epoch, 1_000_000 if s.minutes else s.epochs)
    with ThreadPoolExecutor(1) as mixer:
        for epoch in epochs:
            source = batches(epoch)
            waiting = mixer.submit(next, source, None)
            while True:
                began = time.monotonic()
                batch = waiting.result()
                if batch is None:
                    break
                waiting = mixer.submit(next, source, None)
                kept.waited_s = time.monotonic() - began
                yield epoch, batch


def _share(s: CtcSettings, kept: _Kept, batches_an_epoch: int) -> float:
    if s.minutes:
        return kept.spent_s / (60 * s.minutes)
    return kept.batches / max(1, s.epochs * batches_an_epoch)


def _rate(s: CtcSettings, share: float) -> float:
    if s.optimizer == "sgd":
        return s.peak_rate
    if share < s.warmup_share:
        return s.peak_rate * (0.05 + 0.95 * share / s.warmup_share)
    along = (share - s.warmup_share) / (1.0 - s.warmup_share)
    return s.peak_rate * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * min(1.0, along))))


def _optimizer(s: CtcSettings) -> Any:
    from ..models.keras_import import keras

    if s.optimizer == "sgd":
        return keras.optimizers.SGD(
            s.peak_rate, momentum=0.9, nesterov=True, global_clipnorm=s.clip_norm
        )
    made = keras.optimizers.AdamW(
        s.peak_rate, weight_decay=s.weight_decay, global_clipnorm=s.clip_norm, beta_2=0.98
    )
    made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return made


def ctc_loss(logits: Any, batch_steps: Any, labels: Any, lengths: Any) -> Any:
    """Nats a symbol, over a batch: logits [n, steps, symbols], labels padded with anything.

    Where nothing is said, every step shall be blank.
    """
    from ..models.tensorflow_import import tensorflow as tf

    # TensorFlow's loss takes no empty text.
    told = tf.RaggedTensor.from_tensor(labels, lengths=tf.maximum(lengths, 1)).to_sparse()
    rows = tf.nn.ctc_loss(
        tf.cast(told, tf.int32),
        logits,
        None,
        batch_steps,
        logits_time_major=False,
        blank_index=-1,  # the last
    )
    blanks = tf.nn.log_softmax(logits)[..., -1]
    heard = tf.sequence_mask(batch_steps, tf.shape(logits)[1], tf.float32)
    rows = tf.where(lengths > 0, rows, -tf.reduce_sum(blanks * heard, axis=1))
    # Silence counts as one symbol: there may be nothing else in a batch.
    return tf.reduce_sum(rows) / tf.cast(tf.reduce_sum(tf.maximum(lengths, 1)), tf.float32)


def _train_step(model: Any, optimizer: Any) -> Any:
    from ..models.tensorflow_import import tensorflow as tf

    bands = model.input_shape[-1]
    numbers = tf.TensorSpec([None], tf.int32)
    signature = [
        tf.TensorSpec([None, None, bands], tf.float32),
        numbers,
        tf.TensorSpec([None, None], tf.int32),
        numbers,
    ]

    @tf.function(input_signature=signature)  # type: ignore[untyped-decorator]
    def step(features: Any, steps: Any, labels: Any, lengths: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = ctc_loss(model(features, training=True), steps, labels, lengths)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    return step


def _stepped(step: Any, batch: Batch) -> float:
    loss = float(step(batch.features, batch.steps, batch.labels, batch.lengths))
    if not math.isfinite(loss):
        raise FitError(
            "fit: the loss is no number any more; take a lower rate or look at the sound"
        )
    return loss


def _follow(mean: list[Any], model: Any, keep: float) -> None:
    for at, variable in enumerate(model.trainable_variables):
        mean[at] += (1.0 - keep) * (variable.numpy() - mean[at])


def _close(
    kept: _Kept,
    rows: Sequence[float],
    s: CtcSettings,
    model: Any,
    optimizer: Any,
    mean: Sequence[Any],
    checkpoint: Path | None,
) -> None:
    """End a chapter: its loss, and all that a later run needs."""
    kept.losses.append(float(np.mean(rows)))
    if not checkpoint:
        return
    arrays = _arrays(model, optimizer, mean)
    arrays |= {"losses": np.array(kept.losses), "spent_s": np.float64(kept.spent_s)}
    arrays |= {"epoch": np.int64(kept.epoch), "batches": np.int64(kept.batches)}
    with whole(checkpoint) as beside, beside.open("wb") as file:
        np.savez(file, **arrays)


def _arrays(model: Any, optimizer: Any, mean: Sequence[Any]) -> dict[str, Any]:
    values = [*model.variables, *optimizer.variables]
    named: dict[str, Any] = {f"v{i:03d}": np.asarray(v) for i, v in enumerate(values)}
    return named | {f"m{i:03d}": value for i, value in enumerate(mean)}


def _resume(path: Path, model: Any, optimizer: Any, mean: list[Any]) -> _Kept:
    """Put back what was saved, if anything."""
    kept = _Kept()
    if not path.is_file():
        return kept
    with np.load(path) as saved:
        values = [saved[name] for name in sorted(saved.files) if name[0] == "v"]
        mean[:] = [saved[name] for name in sorted(saved.files) if name[0] == "m"]
        kept.losses = [float(x) for x in saved["losses"]]
        kept.spent_s, kept.epoch = float(saved["spent_s"]), int(saved["epoch"])
        kept.batches = int(saved["batches"])
    put_back(path, [*model.variables, *optimizer.variables], values)
    return kept
