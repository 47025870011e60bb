"""The second lesson, and the ear's only one: what whisper makes of clean speech."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ..models.frontend import FrontEndConfig
from ..synth.progress import bar
from .corpus import read_sound, sound_files
from .shards import Shards
from .taught_mixtures import TaughtMaker, crowds
from .teaching import BackboneRequest, Fitting, Lesson
from .train import Say
from .whisper_teacher import LICENCE, WIDTH, directions, write_streams

RECIPES = {
    "trigger-default": Path(__file__).with_name("whisper.toml"),
    "commands-default": Path(__file__).with_name("ear.toml"),
}
"""The usual one for each pupil."""


class WhisperRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of at most `hours` of speech, pieces of so many seconds; `crowds`: people talking at once.

    `alone`: the share of pieces that are silent but for what a word may fill.
    """

    seed: int = 1
    hours: float = 22.0
    examples: int = 56_000
    seconds: float = 2.52
    lag_s: float = 0.12
    alone: float = 0.0
    crowds: int = 60
    fit: Fitting = Fitting()


def whisper_lesson(request: BackboneRequest, recipe: WhisperRecipe, say: Say) -> Lesson:
    """Let whisper listen, and mix; goes on where a killed run was."""
    r, work = recipe, request.work
    show = bar(" half-minutes")
    streams = write_streams(
        request.speech, work / "streams", r.hours, r.seed, show, request.processes
    )
    say(f"{len(streams) / 120:.2f} h of speech as whisper hears it")
    noises = [read_sound(p) for folder in request.backgrounds for p in sound_files(folder)]
    step = FrontEndConfig().hop_samples * request.pupil.stride
    maker = TaughtMaker(
        streams,
        directions(streams, WIDTH),
        [*noises, *crowds(streams, r.crowds, r.seed)],
        each=max(1, -(-r.examples // len(streams))),
        length=round(r.seconds * 16_000 / step) * step,
        step=step,
        lag_s=r.lag_s,
        alone=r.alone,
        seed=r.seed,
    )
    told = msgspec.to_builtins(r)
    shards = Shards(work / "mixed", r.examples)
    claim = {"recipe": told, "streams": len(streams)}
    examples = shards.filled(claim, maker, request.processes, say)
    return Lesson(examples, WIDTH, LICENCE, told, r.seed, r.fit)
