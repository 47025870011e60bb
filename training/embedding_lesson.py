"""The first lesson: what a public speech embedding makes of clean speech."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ..models.frontend import FrontEndConfig
from ..synth.mixture import Kind, MixtureSettings
from ..synth.palette import Clip, Palette
from .corpus import SAMPLE_RATE_HZ, hours, read_folders
from .examples import ExampleMaker
from .recipe import STRIDE
from .shards import Shards
from .teacher import LICENCE, WIDTH
from .teaching import BackboneRequest, Fitting, Lesson
from .train import Say

RECIPE = Path(__file__).with_name("embedding.toml")
_WORD_S = 1.6
"""A recording that is no longer counts as a word, which has silence or others around it."""


class EmbeddingRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`mixtures`: kind -> how often it is drawn."""

    seed: int = 77
    examples: int = 60_000
    mixtures: dict[Kind, float] = msgspec.field(default_factory=lambda: {"speech": 1.0})
    fit: Fitting = Fitting()


def embedding_lesson(request: BackboneRequest, recipe: EmbeddingRecipe, say: Say) -> Lesson:
    """Mix, and ask the teacher; goes on where a killed run was."""
    palette = _palette(read_folders(request.speech), read_folders(request.backgrounds))
    heard = round(hours(palette.speech), 2)
    say(f"{heard} h speech")
    mixtures = MixtureSettings(shares=tuple(recipe.mixtures.items()))
    maker = ExampleMaker(palette, [FrontEndConfig()], STRIDE, recipe.seed, mixtures, taught=True)
    told = msgspec.to_builtins(recipe)
    shards = Shards(request.work / "mixed", recipe.examples)
    examples = shards.filled({"recipe": told, "hours": heard}, maker, request.processes, say)
    return Lesson(examples, WIDTH, LICENCE, told, recipe.seed, recipe.fit)


def _palette(speech: Sequence[Clip], noise: Sequence[Clip]) -> Palette:
    """Short recordings are words; where there are none, any may stand for one."""
    short = [c for c in speech if len(c.samples) <= _WORD_S * SAMPLE_RATE_HZ]
    words = [Clip(c.samples, 0, len(c.samples), c.name) for c in short or speech]
    return Palette(word=words, hard=[], speech=speech, noise=noise)
