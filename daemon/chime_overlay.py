"""The classic system's trick, for files: a chime laid over the sound after each activation."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.errors import UsageError
from ..models.runtime import TriggerModel
from ..models.whole_file import whole
from .chime_sounds import Chime
from .detector import Detector
from .ear import threshold_in_force
from .events import Stamp
from .opening import open_file
from .pipeline import Pipeline
from .printable import printable
from .settings import Settings
from .source import SAMPLE_RATE_HZ

REFRACTORY_STEPS = 75
"""At most one chime in so many steps of the model."""

_PIECE_FRAMES = 65_536
_HIGHEST = 2**31 - 1


class OverlayError(UsageError):
    """The output can't be written as asked for."""


@dataclass(frozen=True)
class Overlaid:
    """What was written, and at which samples (at the file's own rate) chimes begin."""

    rate_hz: int
    starts: list[int]


def activations(path: str, models: Sequence[TriggerModel], settings: Settings) -> list[int]:
    """Where a file's words are sure, in 16 kHz samples, by the classic rule; in order.

    The rule: the smoothed probability reaches the threshold, `REFRACTORY_STEPS` after the last time
    or later, whether or not it has been lower in between.
    """
    rules = {model.bundle.name: _Rule(model, settings) for model in models}

    def trace(name: str, samples: Any, probabilities: Any) -> None:
        rules[name].hear(samples, probabilities)

    with contextlib.closing(open_file(path)) as source:
        pipeline = Pipeline(settings, models, Stamp(source.name, 0.0), trace)
        while len(samples := source.read(SAMPLE_RATE_HZ)):
            pipeline.feed(samples)
        pipeline.flush()
    step = min(rule.step_samples for rule in rules.values())
    found = sorted(at for rule in rules.values() for at in rule.found)
    return _apart(found, REFRACTORY_STEPS * step)


class _Rule:
    """The classic rule over one model's steps."""

    def __init__(self, model: TriggerModel, settings: Settings) -> None:
        manifest = model.bundle.manifest
        self.step_samples = manifest.stride * model.bundle.frontend.hop_samples
        self.found: list[int] = []
        ours = manifest.detector
        self._detector = Detector(
            threshold_in_force(settings.detector, model.bundle.name, ours.threshold),
            settings.detector.smooth_steps or ours.smooth_steps,
            REFRACTORY_STEPS,
            rearm=False,
        )

    def hear(self, samples: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float32]) -> None:
        """Some steps, told by the samples at which they end."""
        if len(samples):
            first = int(samples[0]) // self.step_samples - 1
            found = self._detector.feed(first, probabilities)
            self.found += [(one.step + 1) * self.step_samples for one in found]


def _apart(found: list[int], least: int) -> list[int]:
    """Of those that come too soon after one another, the first."""
    kept: list[int] = []
    for at in found:
        if not kept or at > kept[-1] + least:
            kept.append(at)
    return kept


def overlay(source: str, target: Path, chime: Chime, at_16k: Sequence[int]) -> Overlaid:
    """Write `target`: the file `source` with the chime on every channel from each of `at_16k` on.

    Rate, channels and, where the kind of file allows it, the sample format are the source's; what
    lies under no chime is unchanged. Loud sums are saturated. Written whole or not at all.
    """
    import soundfile

    kind = target.suffix[1:].upper()
    if kind not in soundfile.available_formats():
        raise OverlayError(f"{printable(str(target))}: name it .wav, .flac or .ogg")
    with soundfile.SoundFile(os.fsencode(source)) as read:
        starts = [round(at * read.samplerate / SAMPLE_RATE_HZ) for at in at_16k]
        try:
            with (
                whole(target, target.suffix) as beside,
                _opened(soundfile, beside, kind, read) as written,
            ):
                _copy(read, written, chime.at(read.samplerate), starts)
        except OSError as error:
            raise OverlayError(f"{printable(str(target))}: {error.strerror}") from error
        except soundfile.LibsndfileError as error:
            raise OverlayError(f"{printable(str(target))}: {error.error_string}") from error
    return Overlaid(read.samplerate, starts)


def _opened(soundfile: Any, path: Path, kind: str, like: Any) -> Any:
    """A file to write that is `like` the other one, as far as its kind can be."""
    path.touch()  # the system says better than libsndfile why a file can't be written
    fits = soundfile.check_format(kind, like.subtype)
    return soundfile.SoundFile(
        os.fsencode(path),
        "w",
        samplerate=like.samplerate,
        channels=like.channels,
        subtype=like.subtype if fits else None,
        format=kind,
    )


def _copy(read: Any, written: Any, chime: npt.NDArray[np.float32], starts: Sequence[int]) -> None:
    # As the numbers that are there: whole numbers come out as they went in.
    dtype = "int32" if read.subtype.startswith("PCM") else "float64"
    begin = 0
    while len(frames := read.read(_PIECE_FRAMES, dtype=dtype, always_2d=True)):
        for start in starts:
            _add(frames, chime, start - begin)
        written.write(frames)
        begin += len(frames)


def _add(frames: npt.NDArray[Any], chime: npt.NDArray[np.float32], at: int) -> None:
    """The chime from frame `at` on, which may lie before or behind these frames."""
    first, last = max(0, at), min(len(frames), at + len(chime))
    if first >= last:
        return
    most = _HIGHEST if frames.dtype == np.int32 else 1.0
    loud = chime[first - at : last - at].astype(np.float64) * most
    summed = frames[first:last] + loud[:, np.newaxis]
    frames[first:last] = np.clip(summed, -most, most)
