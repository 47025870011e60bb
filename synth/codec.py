"""What a call, a headset or a web page leaves of a sound: coded and decoded again.

G.711 is computed here, the others are libsndfile's own encoders. All of them give back as many
samples as they got, and none is late: what an encoder delays, its decoder takes away.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from .levels import Samples, Sound, to_float, to_int16

CodecName = Literal["mu-law", "a-law", "gsm", "adpcm", "opus", "vorbis", "mp3"]
CODECS: tuple[CodecName, ...] = get_args(CodecName)

_SAMPLE_RATE_HZ = 16_000
_NARROW_HZ = 8_000
_CONTAINERS: dict[CodecName, tuple[str, str, int]] = {
    "gsm": ("WAV", "GSM610", _NARROW_HZ),
    "adpcm": ("WAV", "IMA_ADPCM", _SAMPLE_RATE_HZ),
    "opus": ("OGG", "OPUS", _SAMPLE_RATE_HZ),
    "vorbis": ("OGG", "VORBIS", _SAMPLE_RATE_HZ),
    "mp3": ("MP3", "MPEG_LAYER_III", _SAMPLE_RATE_HZ),
}
_SQUEEZABLE: tuple[CodecName, ...] = ("opus", "vorbis", "mp3")
_BY_TABLE: tuple[CodecName, ...] = ("mu-law", "a-law")


class CodecError(WakefulError):
    """This machine's libsndfile can't encode so."""


@dataclass(frozen=True)
class Codec:
    """`squeeze` is from 0, as many bits as it takes, to 1, as few as there are."""

    name: CodecName
    squeeze: float = 0.0

    def apply(self, sound: Sound) -> Sound:
        """What is heard at the other end; over full scale it is clipped.

        Raises `CodecError` where libsndfile was built without this encoder.
        """
        if not len(sound):
            return sound
        if self.name in _BY_TABLE:
            law = mu_law if self.name == "mu-law" else a_law
            narrow = to_int16(_resampled(sound, _SAMPLE_RATE_HZ, _NARROW_HZ))
            heard = _resampled(to_float(law(narrow)), _NARROW_HZ, _SAMPLE_RATE_HZ)
        else:
            heard = self._through_file(sound)
        return np.asarray(np.clip(_fitted(heard, len(sound)), -1.0, 1.0), np.float32)

    def _through_file(self, sound: Sound) -> Sound:
        import soundfile

        container, subtype, rate_hz = _CONTAINERS[self.name]
        squeezed = {"compression_level": self.squeeze} if self.name in _SQUEEZABLE else {}
        sent = to_int16(_resampled(sound, _SAMPLE_RATE_HZ, rate_hz))
        file = io.BytesIO()
        try:
            soundfile.write(file, sent, rate_hz, subtype, format=container, **squeezed)
            file.seek(0)
            heard, heard_hz = soundfile.read(file, dtype="float32")
        except (soundfile.SoundFileError, ValueError) as error:
            raise CodecError(
                f"this machine's libsndfile can't code {self.name} ({error}); "
                "pip install -U soundfile, or draw no codecs"
            ) from error
        return _resampled(heard, heard_hz, _SAMPLE_RATE_HZ)


def draw_codec(rng: np.random.Generator) -> Codec:
    """Mostly a telephone line, which is cheap to compute; one in five through an encoder."""
    names = _BY_TABLE if rng.random() < 0.8 else tuple(_CONTAINERS)
    name = names[rng.integers(len(names))]
    squeeze = round(float(rng.uniform(0.6, 0.97)), 3) if name in _SQUEEZABLE else 0.0
    return Codec(name, squeeze)


def mu_law(samples: Samples) -> Samples:
    """16 bits through the 8 of G.711 as North America and Japan use it."""
    size = np.minimum(np.abs(samples.astype(np.int32)), 32_635) + 132
    step = 1 << (_octave(size) - 4)
    return _signed(size // step * step + step // 2 - 132, samples)


def a_law(samples: Samples) -> Samples:
    """16 bits through the 8 of G.711 as the rest of the world uses it."""
    size = np.minimum(np.abs(samples.astype(np.int32)), 32_767)
    step = 1 << np.maximum(_octave(size) - 4, 4)
    return _signed(size // step * step + step // 2, samples)


def _octave(size: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The place of each number's highest bit."""
    return np.frexp(size.astype(np.float32))[1] - 1


def _signed(size: npt.NDArray[np.int32], like: Samples) -> Samples:
    samples: Samples = np.where(like < 0, -size, size).astype(np.int16)
    return samples


def _resampled(sound: Sound, rate_hz: int, to_hz: int) -> Sound:
    """Never of int16: soxr's rounding of it was seen to differ between calls for short sounds."""
    if rate_hz == to_hz:
        return sound
    import soxr

    return np.asarray(soxr.resample(sound, rate_hz, to_hz), np.float32)


def _fitted(heard: Sound, length: int) -> Sound:
    """As long as what was sent: encoders fill up their last frame."""
    return np.pad(heard[:length], (0, max(0, length - len(heard))))
