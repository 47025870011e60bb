"""Losses for TensorBoard: one folder a fit, one number an epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..models.errors import UsageError
from .fit import Progress, Report


class ScalarsError(UsageError):
    """The folder for TensorBoard can't be made."""


def require_folder(folder: Path) -> None:
    """Before an hour of work; raises `ScalarsError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScalarsError(f"{folder}: {error.strerror}; give another --tensorboard") from error


def loss_writer(folder: Path) -> Report:
    """Called after each epoch, adds its loss to `folder`; a run that goes on adds to the same."""
    opened: list[Any] = []

    def write(progress: Progress) -> None:
        # Not before there is an epoch: a fit that was done already leaves no file.
        opened[:] = opened or [_opened(folder)]
        _write(opened[0], progress)

    return write


def _opened(folder: Path) -> Any:
    from ..models.tensorflow_import import tensorflow as tf

    return tf.summary.create_file_writer(str(folder))


def _write(writer: Any, progress: Progress) -> None:
    """What `tf.summary.scalar` writes, which wants TensorBoard on the machine that trains."""
    from ..models.tensorflow_import import tensorflow as tf

    shown = tf.compat.v1.SummaryMetadata(data_class="DATA_CLASS_SCALAR")
    shown.plugin_data.plugin_name = "scalars"
    loss = tf.constant(progress.loss, tf.float32)
    with writer.as_default():
        tf.summary.write("loss", loss, step=progress.epoch, metadata=shown)
    writer.flush()
