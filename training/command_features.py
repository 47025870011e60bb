"""What the older command networks hear: one second as a spectrogram, mel bands, MFCC, or raw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.features import LinearSpectrogram, MelSpectrogram
from ..models.mfcc import Mfcc
from ..models.whole_file import whole
from ..synth.levels import Samples, Sound, to_float, to_int16
from ..synth.progress import Show
from .classify import Labelled
from .command_mixing import Mixing, draw_mixing, mixed
from .corpora import Clip
from .corpora_classes import LABELS
from .corpora_sound import MAX_BAD_SHARE, Bad, padded, read_clip, require_good, resampled
from .corpus import CorpusError

SECOND = 16_000
BACKGROUND = Mixing(
    speed=(1.0, 1.0),
    room_share=0.0,
    equaliser_share=0.0,
    noise_share=0.8,
    snr_db=(5.0, 35.0),
    level_dbfs=(-40.0, -12.0),
)
"""What the older systems did to their sound: some background, and up to a tenth of a second."""

Frames = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Feature:
    """`of` one second at 16 kHz gives an array of `shape`."""

    shape: tuple[int, ...]
    of: Callable[[Sound], Frames]


def _light(sound: Sound) -> Frames:
    """As the light network was made for: 99 steps of 10 ms and 81 bins, of sound at 8 kHz."""
    half = resampled(sound, 16_000, 8_000)
    frames: Frames = LinearSpectrogram(160, 80, density_rate_hz=8_000).whole(half)
    return frames[..., np.newaxis]


_LINEAR = LinearSpectrogram(194, 162)
_MEL = MelSpectrogram()
_MFCC = Mfcc(MelSpectrogram(), coefficients=20, slopes=2)


def _scaled(frames: Frames, mean: float, spread: float) -> Frames:
    """About zero, and about one wide, as networks without a normalising layer want it."""
    scaled: Frames = (frames - np.float32(mean)) / np.float32(spread)
    return scaled[..., np.newaxis]


FEATURES: dict[str, Feature] = {
    "linear": Feature((98, 98, 1), lambda sound: _scaled(_LINEAR.whole(sound), -23.0, 5.0)),
    "log-mel": Feature((98, 80, 1), lambda sound: _scaled(_MEL.whole(sound), -11.5, 4.7)),
    "mfcc": Feature((98, 60, 1), lambda sound: _scaled(_MFCC.whole(sound), 0.0, 14.0)),
    "light": Feature((99, 81, 1), _light),
    "raw": Feature((SECOND, 1), lambda sound: sound[:, np.newaxis]),
}
"""Linear: 98 bins up to 8 kHz. MFCC: 20 coefficients of 80 bands, their slopes, and theirs."""

HEARD_BY: dict[str, tuple[str, ...]] = {
    "commands-dense": ("linear", "log-mel", "mfcc"),
    "commands-cnn": ("linear", "log-mel", "mfcc"),
    "commands-light-cnn": ("light",),
    "commands-wavception": ("raw",),
    "commands-vgg": ("linear", "log-mel", "mfcc"),
}
"""Which features each network may be given, the first by default."""


@dataclass(frozen=True)
class Prepared:
    """One side, ready to be fitted on or measured by, and what of it couldn't be read."""

    labelled: Labelled
    clips: tuple[Clip, ...]
    """Of each row of `labelled`."""
    bad: tuple[Bad, ...]


def prepared(
    clips: Sequence[Clip],
    feature: Feature,
    path: Path,
    *,
    mixing: Mixing | None = None,
    noises: Sequence[Samples] = (),
    seed: int = 0,
    max_bad_share: float = MAX_BAD_SHARE,
    show: Show = lambda done, total: None,
) -> Prepared:
    """Every clip's features, of a mixture of it if there is a `mixing`, kept in a file at `path`.

    They are read from there where another run has made them, and stay in the file while they are
    used: a whole data set needs no memory. Raises `CorpusError` where too many clips are broken.
    """
    if not path.is_file():
        _make(clips, feature, path, mixing, noises, seed, show)
    with np.load(path.with_suffix(".npz")) as told:
        rows, reasons = told["rows"].tolist(), told["reasons"].tolist()
    good = set(rows)
    missing = [clip for number, clip in enumerate(clips) if number not in good]
    bad = tuple(Bad(c.path, reason) for c, reason in zip(missing, reasons, strict=True))
    require_good(bad, len(clips), max_bad_share)
    labels = np.array([LABELS.index(clips[row].label) for row in rows], np.int64)
    held = Labelled(np.load(path, mmap_mode="r")[: len(rows)], labels)
    return Prepared(held, tuple(clips[row] for row in rows), bad)


def _make(
    clips: Sequence[Clip],
    feature: Feature,
    path: Path,
    mixing: Mixing | None,
    noises: Sequence[Samples],
    seed: int,
    show: Show,
) -> None:
    rows: list[int] = []
    reasons: list[str] = []
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path, ".npy") as beside:
        held = np.lib.format.open_memmap(
            beside, mode="w+", dtype=np.float16, shape=(len(clips), *feature.shape)
        )
        for number, clip in enumerate(clips):
            try:
                sound = padded(read_clip(clip), SECOND)
            except CorpusError as error:
                reasons.append(str(error))
                continue
            if mixing:
                sound = _mixture(sound, mixing, noises, np.random.default_rng([seed, number]))
            held[len(rows)] = feature.of(sound)
            rows.append(number)
            show(number + 1, len(clips))
        held.flush()
        with whole(path.with_suffix(".npz")) as told, told.open("wb") as file:
            np.savez(file, rows=np.array(rows, np.int64), reasons=np.array(reasons, np.str_))


def _mixture(
    sound: Sound, mixing: Mixing, noises: Sequence[Samples], rng: np.random.Generator
) -> Sound:
    drawn = draw_mixing(rng, noises, mixing)
    return to_float(mixed(to_int16(sound), drawn, noises))[:SECOND]
