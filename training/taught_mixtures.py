"""Speech in rooms, in noise and through bad microphones, with what whisper made of it when clean.

Example ``i`` of seed ``s`` comes from a generator of its own, seeded by both, and so is the same
however many processes make them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..models.frontend import FrontEnd, FrontEndConfig
from ..synth.levels import Samples, to_float, to_int16
from .command_mixing import Mixing, draw_mixing, mixed
from .examples import Examples, join
from .forked import forked
from .whisper_teacher import Cut, Directions, cut, stream_samples

AS_HEARD = Mixing(
    speed=(1.0, 1.0),
    shift_s=0.0,
    room_share=0.5,
    equaliser_share=0.6,
    noise_share=0.8,
    snr_db=(0.0, 35.0),
    level_dbfs=(-48.0, -8.0),
)
"""Neither faster nor moved: whisper's numbers are of the speech as it is."""
_ALONE_S = (0.3, 0.8)
"""What a word may fill."""
_FADE_S = 0.01
_CROWD = (2, 6)
_CROWD_SAMPLES = 160_000
_CROWD_DB = 6.0
_LOUDEST = 0.6


@dataclass(frozen=True)
class TaughtMaker:
    """Pieces of `length` samples; each stream gives `each` of them, one after the other.

    A network that waits for nothing is asked for what was said `lag_s` before. A share of the
    pieces is silent but for what a word may fill, as a command is that was cut out.
    """

    streams: Sequence[Path]
    ways: Directions
    noises: Sequence[Samples]
    each: int
    length: int
    step: int
    lag_s: float
    seed: int
    alone: float = 0.0
    mixing: Mixing = AS_HEARD
    frontend: FrontEndConfig = field(default_factory=FrontEndConfig)

    def make(self, count: int, processes: int = 1, first: int = 0) -> list[Examples]:
        """`count` examples from number `first` on."""
        numbers = range(first, first + count)
        parts = [numbers[at : at + self.each] for at in range(0, count, self.each)]
        return [join(list(forked(lambda: self._part, parts, processes)))]

    def _part(self, numbers: range) -> Examples:
        frontend, features, targets = FrontEnd(self.frontend), [], []
        for number in numbers:
            rng = np.random.default_rng([self.seed, number])
            stream = self.streams[number // self.each % len(self.streams)]
            said = cut(stream, self.ways, self.length, self.step, self.lag_s, rng)
            if rng.random() < self.alone:
                said = _alone(said, self.step, rng)
            drawn = draw_mixing(rng, self.noises, self.mixing)
            heard = mixed(said.samples, drawn, self.noises, self.length)
            features.append(frontend.whole(heard).astype(np.float16))
            targets.append(said.targets)
        # Nobody listens to these labels: no word is fitted.
        labels = np.zeros((len(numbers), self.length // self.step), np.int8)
        return Examples(np.stack(features), labels, np.stack(targets))


def _alone(said: Cut, step: int, rng: np.random.Generator) -> Cut:
    """A stretch of it, faded in and out; nothing is asked about what was silenced."""
    length = len(said.samples)
    long = min(length, int(rng.uniform(*_ALONE_S) * 16_000))
    first = int(rng.integers(0, length - long + 1))
    samples = np.zeros_like(said.samples)
    rise = np.linspace(0.0, 1.0, int(_FADE_S * 16_000))
    shape = np.ones(long)
    shape[: len(rise)] = rise
    shape[-len(rise) :] = rise[::-1]
    samples[first : first + long] = (said.samples[first : first + long] * shape).astype(np.int16)
    ends = np.arange(1, len(said.targets) + 1) * step
    targets = said.targets.copy()
    targets[(ends <= first) | (ends - step >= first + long)] = np.nan
    return Cut(samples, targets)


def crowds(streams: Sequence[Path], count: int, seed: int) -> list[Samples]:
    """Ten seconds each of two to five people of the streams who talk at once: noise, too."""
    rng = np.random.default_rng([seed, 1])
    made = []
    for _ in range(count):
        who = rng.integers(len(streams), size=int(rng.integers(*_CROWD)))
        loud = 10 ** (rng.uniform(-_CROWD_DB, _CROWD_DB, len(who)) / 20)
        talk = [to_float(stream_samples(streams[n])[:_CROWD_SAMPLES]) for n in who]
        sound = np.sum([k * t for k, t in zip(loud, talk, strict=True)], axis=0)
        made.append(
            to_int16((_LOUDEST / max(1e-6, np.abs(sound).max()) * sound).astype(np.float32))
        )
    return made
