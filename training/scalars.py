"""Losses for TensorBoard: one folder a fit, one number an epoch."""

from __future__ import annotations

from pathlib import Path

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
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(folder))

    def write(progress: Progress) -> None:
        with writer.as_default():
            tf.summary.scalar("loss", progress.loss, step=progress.epoch)
        writer.flush()

    return write
