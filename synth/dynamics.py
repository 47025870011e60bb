"""What is done to loudness on the way: peaks cut off, and loud passages turned down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .levels import SILENT_DBFS, Sound, gain

_SAMPLE_RATE_HZ = 16_000
_BLOCK = 80


@dataclass(frozen=True)
class Clipping:
    """Nothing passes the ceiling: a converter cuts (hard), an amplifier bends (soft)."""

    ceiling_dbfs: float
    soft: bool = False

    def apply(self, sound: Sound) -> Sound:
        """No sample beyond the ceiling."""
        ceiling = np.float32(gain(self.ceiling_dbfs))
        if self.soft:
            return np.asarray(ceiling * np.tanh(sound / ceiling), np.float32)
        return np.asarray(np.clip(sound, -ceiling, ceiling), np.float32)


@dataclass(frozen=True)
class Compressor:
    """Above the threshold, `ratio` decibels more going in are one more coming out."""

    threshold_dbfs: float
    ratio: float
    attack_ms: float = 5.0
    release_ms: float = 120.0
    makeup_db: float = 0.0

    def apply(self, sound: Sound) -> Sound:
        """As long as it was; levels are taken every 5 ms, and the gain between them glides."""
        if not len(sound):
            return sound
        reduction_db = self._followed(self._wanted_db(sound))
        middles = (np.arange(len(reduction_db)) + 0.5) * _BLOCK
        factors = 10.0 ** ((self.makeup_db - reduction_db) / 20.0)
        return sound * np.interp(np.arange(len(sound)), middles, factors).astype(np.float32)

    def _wanted_db(self, sound: Sound) -> npt.NDArray[np.float64]:
        """How much each block would be turned down, were the compressor infinitely fast."""
        blocks = np.pad(sound, (0, -len(sound) % _BLOCK)).reshape(-1, _BLOCK)
        power = np.einsum("ij,ij->i", blocks, blocks) / _BLOCK
        level_dbfs = 10.0 * np.log10(np.maximum(power, 10 ** (SILENT_DBFS / 10)))
        over_db = np.maximum(0.0, level_dbfs.astype(np.float64) - self.threshold_dbfs)
        wanted: npt.NDArray[np.float64] = over_db * (1.0 - 1.0 / self.ratio)
        return wanted

    def _followed(self, wanted_db: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Down with the attack's time constant, up again with the release's."""
        block_ms = 1_000.0 * _BLOCK / _SAMPLE_RATE_HZ
        down, up = (float(np.exp(-block_ms / ms)) for ms in (self.attack_ms, self.release_ms))
        now_db = 0.0
        followed = []
        for goal_db in wanted_db.tolist():
            kept = down if goal_db > now_db else up
            now_db = goal_db + kept * (now_db - goal_db)
            followed.append(now_db)
        return np.array(followed)


def draw_clipping(rng: np.random.Generator, level_dbfs: float) -> Clipping:
    """Speech peaks some 15 dB above its level: of that, all but 3 to 12 dB are lost."""
    ceiling_dbfs = min(0.0, level_dbfs + float(rng.uniform(3.0, 12.0)))
    return Clipping(round(ceiling_dbfs, 2), bool(rng.random() < 0.4))


def draw_compressor(rng: np.random.Generator, level_dbfs: float) -> Compressor:
    """From a gentle one to a broadcaster's; what it takes from the level, it mostly gives back."""
    below_db = float(rng.uniform(2.0, 18.0))
    ratio = float(np.exp(rng.uniform(np.log(1.5), np.log(10.0))))
    return Compressor(
        threshold_dbfs=round(level_dbfs - below_db, 2),
        ratio=round(ratio, 2),
        attack_ms=round(float(rng.uniform(2.0, 30.0)), 1),
        release_ms=round(float(rng.uniform(50.0, 500.0)), 1),
        makeup_db=round(below_db * (1.0 - 1.0 / ratio) * float(rng.uniform(0.6, 1.0)), 2),
    )
