"""The command networks' backbone: the trigger's, taught on by what whisper hears in clean speech.

What a network of 240 thousand parameters hears in a room, in noise and through a bad microphone is
drawn towards what whisper makes of the same speech without all that. No label is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.bundle import TrainingData
from ..models.frontend import FrontEnd, FrontEndConfig
from ..models.whole_file import whole
from ..synth.levels import Samples
from ..synth.progress import bar
from .backbone import About, backbone_of, load_backbone, save_backbone
from .command_mixing import Mixing, draw_mixing, mixed
from .corpus import read_sound, sound_files
from .examples import Examples
from .fit import FitSettings, Progress, fit, kept_losses
from .teacher import WIDTH
from .train_options import Say
from .whisper_teacher import LICENCE, Cut, cuts, directions, write_streams

STEP = 480
"""Samples from one step of the network to the next."""


@dataclass(frozen=True)
class TeachingRecipe:
    """How it is taught."""

    hours: float = 5.0
    cuts: int = 30
    """Of each half-minute."""
    length: int = 24_000
    lag_s: float = 0.12
    mixing: Mixing = field(default_factory=lambda: Mixing(speed=(1.0, 1.0), shift_s=0.0))
    fit: FitSettings = field(
        default_factory=lambda: FitSettings(epochs=8, teacher_weight=1.0, word_loss=False)
    )


@dataclass(frozen=True)
class TeachingRequest:
    """What to listen to, and where the backbone goes."""

    speech: Sequence[Path]
    noise: Sequence[Path]
    out: Path
    recipe: TeachingRecipe = field(default_factory=TeachingRecipe)
    seed: int = 1
    data: Sequence[TrainingData] = ()
    command: str = ""

    @property
    def work(self) -> Path:
        """The folder of half-made things."""
        return self.out / ".backbone-commands-work"


def teach_commands(request: TeachingRequest, say: Say) -> Path:
    """Do what isn't done yet; returns the backbone's path."""
    import keras

    from ..models.trigger import trigger_default, with_embedding

    r = request
    streams = write_streams(r.speech, r.work / "streams", r.recipe.hours, r.seed, bar(" streams"))
    say(f"{len(streams) / 120:.2f} h of speech as whisper hears it")
    examples = _examples(r, streams, say)
    keras.utils.set_random_seed(r.seed)
    model = trigger_default()
    load_backbone().put_into(model)
    taught = with_embedding(model, WIDTH)
    model.get_layer("probability").trainable = False  # no word is fitted

    def tell(p: Progress) -> None:
        say(f"epoch {p.epoch}/{p.epochs}, loss {p.loss:.4f}, {p.left_s / 60:.1f} min left")

    checkpoint = r.work / "fit.npz"
    fit(taught, lambda _: examples, r.recipe.fit, r.seed, checkpoint=checkpoint, report=tell)
    path = r.out / "backbone-commands.npz"
    about = About(
        "trigger-default",
        r.command,
        asdict(r.recipe),
        [{"name": d.name, "licence": d.licence, "hours": d.hours} for d in r.data],
        LICENCE,
        kept_losses(checkpoint)[-1],
    )
    save_backbone(path, backbone_of(model, about))
    return path


def _examples(r: TeachingRequest, streams: Sequence[Path], say: Say) -> Examples:
    """All mixtures with their targets, from their file where they were made before."""
    path = r.work / "mixed.npz"
    if not path.is_file():
        noises = [read_sound(p) for folder in r.noise for p in sound_files(folder)]
        features, targets = _mixtures(r.recipe, streams, noises, r.seed)
        with whole(path) as beside, beside.open("wb") as file:
            np.savez(file, features=features, targets=targets)
    with np.load(path) as saved:
        features, targets = saved["features"], saved["targets"]
    say(f"{len(features)} mixtures")
    # Nobody listens to these labels: no word is fitted.
    return Examples(features, np.zeros(targets.shape[:2], np.int8), targets)


def _mixtures(
    recipe: TeachingRecipe, streams: Sequence[Path], noises: Sequence[Samples], seed: int
) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float16]]:
    ways, frontend = directions(streams, WIDTH), FrontEnd(FrontEndConfig())
    show = bar(" streams")
    features, targets = [], []
    for number, stream in enumerate(streams):
        rng = np.random.default_rng([seed, number])
        for cut in cuts(stream, ways, recipe.cuts, recipe.length, STEP, recipe.lag_s, rng):
            features.append(frontend.whole(_heard(cut, noises, recipe, rng)).astype(np.float16))
            targets.append(cut.targets)
        show(number + 1, len(streams))
    return np.stack(features), np.stack(targets)


def _heard(
    cut: Cut, noises: Sequence[Samples], recipe: TeachingRecipe, rng: np.random.Generator
) -> Samples:
    drawn = draw_mixing(rng, noises, recipe.mixing)
    return mixed(cut.samples, drawn, noises, recipe.length)
