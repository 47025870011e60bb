"""How the backbone is made: a network learns what a public embedding makes of clean speech.

What it hears is that speech in rooms, in noise and through bad microphones; no word of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from ..models.bundle import TrainingData
from ..models.errors import UsageError
from ..models.frontend import FrontEndConfig
from ..synth.mixture import Kind, MixtureSettings
from ..synth.palette import Clip, Palette
from ..synth.progress import bar
from .backbone import About, backbone_of, save_backbone
from .corpus import SAMPLE_RATE_HZ, hours, read_folders
from .examples import ExampleMaker, Examples
from .fit import FitSettings, Progress, fit
from .recipe import STRIDE
from .shards import Shards
from .teacher import LICENCE, WIDTH
from .train import Say

RECIPE = Path(__file__).with_name("backbone.toml")
_WORD_S = 1.6
"""A recording that is no longer counts as a word, which has silence or others around it."""


class Fitting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long and how fast; the rest is as for a word."""

    epochs: int = 12
    batch: int = 256
    peak_rate: float = 2e-3


class BackboneRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`mixtures`: kind -> how often it is drawn."""

    seed: int = 77
    examples: int = 60_000
    mixtures: dict[Kind, float] = msgspec.field(default_factory=lambda: {"speech": 1.0})
    fit: Fitting = Fitting()


@dataclass(frozen=True)
class BackboneRequest:
    """What was asked for."""

    out: Path
    speech: Sequence[Path]
    backgrounds: Sequence[Path] = ()
    processes: int = 2
    data: Sequence[TrainingData] = field(default=())
    command: str = ""

    @property
    def work(self) -> Path:
        """The folder of half-made things, beside the file."""
        return self.out / ".backbone-work"


def read_recipe(path: Path = RECIPE) -> BackboneRecipe:
    """A recipe in TOML; raises `UsageError` that names the key."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=BackboneRecipe)
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{path}: {error}; {RECIPE} is one that works") from error


def train_backbone(request: BackboneRequest, recipe: BackboneRecipe, say: Say) -> Path:
    """Mix, have it taught, fit; returns the file. Goes on where a killed run was."""
    import keras

    from ..models.trigger import trigger_default, with_embedding

    examples = _taught(request, recipe, say)
    keras.utils.set_random_seed(recipe.seed)
    model = with_embedding(trigger_default(), WIDTH)
    model.get_layer("probability").trainable = False
    loss = _fit(model, examples, recipe, request.work / "fit.npz", say)
    path = request.out / "backbone.npz"
    if loss is not None or not path.is_file():
        save_backbone(path, backbone_of(model, _about(request, recipe, loss)))
    return path


def _taught(request: BackboneRequest, recipe: BackboneRecipe, say: Say) -> Examples:
    palette = _palette(read_folders(request.speech), read_folders(request.backgrounds))
    heard = round(hours(palette.speech), 2)
    say(f"{heard} h speech")
    mixtures = MixtureSettings(shares=tuple(recipe.mixtures.items()))
    maker = ExampleMaker(palette, [FrontEndConfig()], STRIDE, recipe.seed, mixtures, taught=True)
    shards = Shards(request.work / "mixed", recipe.examples)
    shards.begin({"recipe": msgspec.to_builtins(recipe), "hours": heard})
    show = bar(" examples")
    shards.make(maker, request.processes, lambda done: show(done, recipe.examples))
    say(f"mixed: {recipe.examples} examples")
    return shards.read()


def _fit(
    model: Any, examples: Examples, recipe: BackboneRecipe, checkpoint: Path, say: Say
) -> float | None:
    """The last epoch's loss; None if an earlier run had done them all."""
    losses: list[float] = []

    def tell(p: Progress) -> None:
        losses.append(p.loss)
        say(f"epoch {p.epoch}/{p.epochs}, loss {p.loss:.4f}, {p.left_s / 60:.1f} min left")

    f = recipe.fit
    settings = FitSettings(f.epochs, f.batch, f.peak_rate, teacher_weight=1.0, word_loss=False)
    fit(model, lambda epoch: examples, settings, recipe.seed, checkpoint=checkpoint, report=tell)
    return losses[-1] if losses else None


def _about(request: BackboneRequest, recipe: BackboneRecipe, loss: float | None) -> About:
    return About(
        network="trigger-default",
        command=request.command,
        recipe=msgspec.to_builtins(recipe),
        data=[msgspec.to_builtins(d) for d in request.data],
        teacher=LICENCE,
        loss=loss,
    )


def _palette(speech: Sequence[Clip], noise: Sequence[Clip]) -> Palette:
    """Short recordings are words; where there are none, any may stand for one."""
    short = [c for c in speech if len(c.samples) <= _WORD_S * SAMPLE_RATE_HZ]
    words = [Clip(c.samples, 0, len(c.samples), c.name) for c in short or speech]
    return Palette(word=words, hard=[], speech=speech, noise=noise)
