"""How the backbone is made: a network is fitted to what a teacher makes of clean speech.

What it hears is that speech in rooms, in noise and through bad microphones; no word of its own, and
no label. There are two lessons, `embedding_lesson` and `whisper_lesson`; for the trigger's backbone
the second goes on from what the first one gave, the ear of the commands has the second alone. What
is half done lies in a folder beside the file: a run that was killed goes on there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..models.bundle import TrainingData
from ..models.errors import UsageError
from ..models.whole_file import write_whole
from .backbone import About, Backbone, backbone_of, save_backbone
from .examples import Examples
from .fit import FitSettings, Progress, fit, kept_losses
from .recipe import STRIDE
from .train import Say

Recipe = TypeVar("Recipe")


def _trigger(width: int) -> Any:
    from ..models.trigger import embedding, trigger_default

    return embedding(trigger_default(), width)


def _ear(width: int) -> Any:
    from ..models.ear import taught

    return taught(width)


@dataclass(frozen=True)
class Pupil:
    """Who is taught: `build` takes how many numbers a teacher gives, `stride` is in frames."""

    network: str
    file: str
    stride: int
    build: Callable[[int], Any]


PUPILS = {
    pupil.network: pupil
    for pupil in (
        Pupil("trigger-default", "backbone.npz", STRIDE, _trigger),
        Pupil("commands-default", "ear.npz", 2, _ear),
    )
}
"""By the name of the network that begins with what they have learned."""
TRIGGER = PUPILS["trigger-default"]


class Fitting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long and how fast; the rest is as for a word."""

    epochs: int = 10
    batch: int = 256
    peak_rate: float = 2e-3


@dataclass(frozen=True)
class BackboneRequest:
    """What was asked for. Without `begin` the network begins from nothing."""

    out: Path
    speech: Sequence[Path]
    pupil: Pupil = TRIGGER
    backgrounds: Sequence[Path] = ()
    begin: Backbone | None = None
    processes: int = 2
    data: Sequence[TrainingData] = field(default=())
    command: str = ""

    @property
    def work(self) -> Path:
        """The folder of half-made things, beside the file."""
        return self.out / ".backbone-work"


@dataclass(frozen=True)
class Lesson:
    """What is heard, what a teacher says to it, and how it is learned."""

    examples: Examples
    width: int
    teacher: str
    recipe: dict[str, Any]
    seed: int
    fit: Fitting


def read_recipe(path: Path, kind: type[Recipe]) -> Recipe:
    """A recipe in TOML; raises `UsageError` that names the key."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(
            f"{path}: {error}; the usual one lies in {Path(__file__).parent}"
        ) from error


def learn(request: BackboneRequest, lesson: Lesson, say: Say) -> Path:
    """Fit, and write the file; returns its path."""
    from ..models.keras_import import keras

    keras.utils.set_random_seed(lesson.seed)
    model = request.pupil.build(lesson.width)
    if request.begin:
        request.begin.put_under(model)
    _claim(request)

    def tell(p: Progress) -> None:
        say(f"epoch {p.epoch}/{p.epochs}, loss {p.loss:.4f}, {p.left_s / 60:.1f} min left")

    f, checkpoint = lesson.fit, request.work / "fit.npz"
    settings = FitSettings(f.epochs, f.batch, f.peak_rate)
    examples = lesson.examples
    fit(model, lambda epoch: examples, settings, lesson.seed, checkpoint=checkpoint, report=tell)
    path = request.out / request.pupil.file
    save_backbone(path, backbone_of(model, _about(request, lesson, kept_losses(checkpoint)[-1])))
    return path


def _claim(request: BackboneRequest) -> None:
    """Raises `UsageError` where a fit lies half done that began with other weights."""
    begun = request.begin.digest() if request.begin else "anew"
    kept = request.work / "begin.sha256"
    if not kept.is_file():
        write_whole(kept, begun.encode())
    elif kept.read_text(encoding="utf-8") != begun:
        raise UsageError(
            f"{request.work}: was begun with another --begin; give another --out or take it away"
        )


def _about(request: BackboneRequest, lesson: Lesson, loss: float) -> About:
    return About(
        network=request.pupil.network,
        command=request.command,
        recipe=lesson.recipe,
        data=[msgspec.to_builtins(d) for d in request.data],
        teacher=lesson.teacher,
        loss=loss,
        before=asdict(request.begin.about) if request.begin else None,
    )
