"""What a digit network is worth: single digits, strings of them, and what is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.classifier import calibrated
from ..models.ctc import log_softmax
from ..models.digit_decode import Rows, label_scores, strings
from ..models.digit_strings import LEAD_FRAMES, TAIL_FRAMES, DigitReader, to_int16
from ..models.frontend import FrontEnd, FrontEndConfig
from ..synth.levels import Sound, active_dbfs, gain
from .corpora_sound import Heard
from .digit_mix import UNKNOWN, Spoken
from .sureness import calibration_error, unlikeliness

_HOP, _RATE_HZ = FrontEndConfig().hop_samples, FrontEndConfig().sample_rate_hz
_STRIDE = 3
_BATCH = 64

RowsOf = Callable[[Sequence[Sound]], Iterator[Rows]]
"""Some clips to the rows of each: by the network while it is fitted, by the bundle that ships."""


@dataclass(frozen=True)
class Strings:
    """How strings were read: all right, and errors a digit (left out, put in, taken for others)."""

    count: int
    right: float
    digit_errors: float


def rows_by_network(model: Any) -> RowsOf:
    """A Keras network over whole clips, as the reader would hear them."""

    def rows_of(sounds: Sequence[Sound]) -> Iterator[Rows]:
        frontend = FrontEnd()
        for at in range(0, len(sounds), _BATCH):
            padded = [_padded(sound) for sound in sounds[at : at + _BATCH]]
            longest = max(len(sound) for sound in padded)
            frames = [frontend.whole(np.pad(s, (0, longest - len(s)))) for s in padded]
            logits = model(np.stack(frames), training=False).numpy()
            for one, sound in zip(logits, padded, strict=True):
                yield log_softmax(one[: len(sound) // _HOP // _STRIDE])

    return rows_of


def rows_by_reader(reader: DigitReader) -> RowsOf:
    """The bundle that ships, as it ships."""
    return lambda sounds: (reader.rows(sound) for sound in sounds)


def _padded(sound: Sound) -> npt.NDArray[np.int16]:
    """Between the silences that a reader hears, to whole blocks."""
    length = (LEAD_FRAMES + TAIL_FRAMES) * _HOP + len(sound)
    block = FrontEndConfig().block_samples
    return np.pad(to_int16(sound), (LEAD_FRAMES * _HOP, TAIL_FRAMES * _HOP + -length % block))


def scores_of(rows_of: RowsOf, sounds: Sequence[Sound]) -> npt.NDArray[np.float64]:
    """[clips, labels]: how likely each label alone is, of each clip; logarithms."""
    return np.stack([label_scores(rows) for rows in rows_of(sounds)])


def accuracy(scores: npt.NDArray[np.float64], clips: Heard) -> float:
    """The share of clips whose digit is the best of all labels: micro-F1, too."""
    wanted = np.array([int(c.label) for c in clips.clips])
    return float(np.mean(scores.argmax(axis=1) == wanted))


def among_digits(
    scores: npt.NDArray[np.float64], wanted: Sequence[int] | npt.NDArray[np.int64]
) -> float:
    """The share that is right where only the ten digits may be answered, as older networks do."""
    return float(np.mean(scores[:, :10].argmax(axis=1) == np.asarray(wanted)))


def confusion(scores: npt.NDArray[np.float64], clips: Heard) -> npt.NDArray[np.int64]:
    """[10, labels]: rows what was said, columns what was heard."""
    table = np.zeros((10, scores.shape[1]), np.int64)
    for clip, found in zip(clips.clips, scores.argmax(axis=1), strict=True):
        table[int(clip.label), found] += 1
    return table


def taken_for_digits(rows_of: RowsOf, sounds: Sequence[Sound]) -> float:
    """The share of clips without a digit in which one is heard all the same; 0 of none."""
    if not sounds:
        return 0.0
    found = scores_of(rows_of, sounds).argmax(axis=1)
    return float(np.mean(found < UNKNOWN))


def fitted_temperature(
    scores: npt.NDArray[np.float64], wanted: npt.NDArray[np.int64]
) -> tuple[float, float, float]:
    """(temperature, expected calibration error before, and with it), for clips not fitted on."""
    tried = np.geomspace(0.5, 8.0, 60)
    best = float(min(tried, key=lambda t: unlikeliness(calibrated(scores, t), wanted)))
    before, behind = (calibration_error(calibrated(scores, t), wanted) for t in (1.0, best))
    return best, before, behind


def composed(
    spoken: Sequence[Spoken],
    count: int,
    lengths: tuple[int, int],
    gap_s: tuple[float, float],
    rng: np.random.Generator,
) -> list[Spoken]:
    """Strings of single digits, so many each, with drawn gaps; below 0 they run into each other."""
    made: list[Spoken] = []
    for _ in range(count):
        chosen = rng.integers(len(spoken), size=rng.integers(lengths[0], lengths[1] + 1))
        line = np.zeros(0, np.float32)
        for n in chosen:
            sound = spoken[n][1] * np.float32(gain(-26.0 - active_dbfs(spoken[n][1])))
            line = _joined(line, sound, int(rng.uniform(*gap_s) * _RATE_HZ))
        made.append((tuple(spoken[n][0][0] for n in chosen), line))
    return made


def _joined(line: Sound, sound: Sound, gap: int) -> Sound:
    at = max(0, len(line) + gap) if len(line) else 0
    whole = np.pad(line, (0, max(0, at + len(sound) - len(line))))
    whole[at : at + len(sound)] += sound
    return whole


def score_strings(rows_of: RowsOf, said: Sequence[Spoken]) -> Strings:
    """Read each; words that are no digit count as nothing."""
    right, errors, digits = 0, 0, 0
    for (tokens, _), rows in zip(said, rows_of([s for _, s in said]), strict=True):
        heard = [t for t in strings(rows)[0].tokens if t != UNKNOWN]
        wrong = edits(tokens, heard)
        right, errors, digits = right + (wrong == 0), errors + wrong, digits + len(tokens)
    return Strings(len(said), right / max(1, len(said)), errors / max(1, digits))


def edits(said: Sequence[int], heard: Sequence[int]) -> int:
    """The fewest digits to put in, take out or change."""
    row = list(range(len(heard) + 1))
    for n, token in enumerate(said, 1):
        before, row[0] = row[0], n
        for m, other in enumerate(heard, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (token != other))
    return row[-1]
