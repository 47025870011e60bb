"""What a recognizer is fitted on: utterances in rooms and noise, in batches of like length.

A short utterance is said in a row with others, so that a word alone teaches where words end. Every
example is drawn from the seed, its epoch and its number, whatever batch it comes in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..models.asr import steps_of
from ..models.frontend import FrontEnd, FrontEndConfig
from ..models.letters import encode, steps_needed
from ..synth.backdrop import draw_backdrops
from ..synth.mixture import Mixture, Placement, compose
from ..synth.mixture_settings import MixtureSettings
from ..synth.palette import Clip, Palette
from ..synth.room import draw_room
from ..synth.spectrum import draw_equaliser
from .asr_speech import SpokenClips, Utterance

_RATE_HZ = 16_000

SPOKEN = MixtureSettings(
    room_share=0.5,
    equaliser_share=0.35,
    backdrop_share=0.7,
    babble_share=0.08,
    snr_db=(4.0, 35.0),
    babble_snr_db=(10.0, 25.0),
    active_level_dbfs=(-42.0, -12.0),
    overdriven_share=0.03,
    speed=(0.86, 1.18),
)
"""Harder than a quiet room, easier than for a wake word: every letter has to be heard."""


@dataclass(frozen=True)
class Around:
    """How an utterance is set: seconds of nothing before and after, between two, and how many."""

    before_s: tuple[float, float] = (0.1, 0.8)
    after_s: tuple[float, float] = (0.35, 0.8)
    gap_s: tuple[float, float] = (0.0, 0.35)
    short_s: float = 1.3
    most_short: int = 4
    masked_bands: int = 5
    masked_frames: int = 12


@dataclass(frozen=True)
class Batch:
    """`features` [n, frames, bands]; `steps` and `lengths` say how much of each row counts."""

    features: npt.NDArray[np.float32]
    steps: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True)
class SpokenExamples:
    """Makes the batches of one epoch after the other."""

    utterances: Sequence[Utterance]
    frontend: FrontEndConfig
    seed: int
    noise: Sequence[Clip] = ()
    network: str = "asr-default"
    batch: int = 16
    mixtures: MixtureSettings = SPOKEN
    around: Around = field(default_factory=Around)
    palette: Palette = field(init=False)

    def __post_init__(self) -> None:
        clips = SpokenClips(self.utterances)
        # Babble is a voice out of the same speech; a few are enough, and are read at once.
        some = clips[:: max(1, len(clips) // 200)]
        object.__setattr__(self, "palette", Palette(clips, (), some, self.noise))

    def epoch(self, number: int) -> Iterator[Batch]:
        """Every utterance about once, in batches of like length, the batches in drawn order."""
        rng = np.random.default_rng([self.seed, number])
        strings = list(self.strings(rng))
        length = np.array([sum(self.utterances[i].length_s for i in one) for one in strings])
        order = np.argsort(length * rng.uniform(0.95, 1.05, len(length)))
        cuts = [order[at : at + self.batch] for at in range(0, len(order), self.batch)]
        frontend = FrontEnd(self.frontend)
        # The first time the short ones come first: where letters lie is found by them.
        for k in rng.permutation(len(cuts)) if number else range(len(cuts)):
            made = [self._example(frontend, strings[i], number, int(i)) for i in cuts[k]]
            if rows := [one for one in made if one is not None]:
                yield batched(rows, self.network)

    def batches(self) -> int:
        """About how many an epoch has."""
        short = sum(u.length_s < self.around.short_s for u in self.utterances)
        strings = len(self.utterances) - short + short / ((1 + self.around.most_short) / 2)
        return max(1, round(strings / self.batch))

    def strings(self, rng: np.random.Generator) -> Iterator[list[int]]:
        """Each long utterance alone, the short ones some in a row."""
        order = rng.permutation(len(self.utterances)).tolist()
        short = [i for i in order if self.utterances[i].length_s < self.around.short_s]
        yield from ([i] for i in order if self.utterances[i].length_s >= self.around.short_s)
        at = 0
        while at < len(short):
            count = int(rng.integers(1, self.around.most_short + 1))
            yield short[at : at + count]
            at += count

    def _example(
        self, frontend: FrontEnd, string: Sequence[int], epoch: int, number: int
    ) -> tuple[npt.NDArray[np.float32], list[int]] | None:
        """Features and symbols; nothing where it was said too quickly to be written."""
        rng = np.random.default_rng([self.seed, epoch, number])
        labels = encode(" ".join(self.utterances[i].text for i in string))
        sound = compose(self.draw(string, rng), self.palette)
        frames = frontend.whole(sound)
        if steps_needed(labels) > steps_of(self.network, len(frames)):
            return None
        return _masked(frames, rng, self.around), labels

    def draw(self, string: Sequence[int], rng: np.random.Generator) -> Mixture:
        """Where and how some utterances are said, one after the other."""
        s, a = self.mixtures, self.around
        speed = float(rng.uniform(*s.speed))
        at, placements = int(rng.uniform(*a.before_s) * _RATE_HZ), []
        for number in string:
            size = len(self.palette.word[number].samples)
            placements.append(Placement("word", number, 0, size, at, speed))
            at += int(size / speed) + int(rng.uniform(*a.gap_s) * _RATE_HZ)
        low, high = s.active_level_dbfs if rng.random() >= s.overdriven_share else (-12.0, -2.0)
        block = self.frontend.block_samples
        length = -(-(at + int(rng.uniform(*a.after_s) * _RATE_HZ)) // block) * block
        return Mixture(
            kind="word",
            length=length,
            placements=tuple(placements),
            backdrops=draw_backdrops(rng, self.palette, s),
            room=draw_room(rng) if rng.random() < s.room_share else None,
            equaliser=draw_equaliser(rng) if rng.random() < s.equaliser_share else None,
            level_dbfs=float(rng.uniform(low, high)),
            seed=int(rng.integers(2**63)),
        )


def _masked(
    frames: npt.NDArray[np.float32], rng: np.random.Generator, a: Around
) -> npt.NDArray[np.float32]:
    """Some bands, and one stretch of time, that say nothing: none may be relied upon."""
    bands = frames.shape[1]
    if a.masked_bands and rng.random() < 0.5:
        wide = int(rng.integers(1, a.masked_bands + 1))
        low = int(rng.integers(bands - wide))
        frames[:, low : low + wide] = 0.0
    if a.masked_frames and len(frames) > 10 * a.masked_frames and rng.random() < 0.5:
        wide = int(rng.integers(1, a.masked_frames + 1))
        start = int(rng.integers(len(frames) - wide))
        frames[start : start + wide] = 0.0
    return frames


def batched(rows: Sequence[tuple[npt.NDArray[np.float32], list[int]]], network: str) -> Batch:
    """Zeros behind what is shorter."""
    frames, symbols = max(len(f) for f, _ in rows), max(len(labels) for _, labels in rows)
    features = np.zeros((len(rows), frames, rows[0][0].shape[1]), np.float32)
    labels = np.zeros((len(rows), symbols), np.int32)
    for row, (found, said) in enumerate(rows):
        features[row, : len(found)] = found
        labels[row, : len(said)] = said
    steps = [steps_of(network, len(found)) for found, _ in rows]
    lengths = [len(said) for _, said in rows]
    return Batch(features, np.array(steps, np.int32), labels, np.array(lengths, np.int32))
