"""``commands-default`` by stages: mix, fit for each fold of people, calibrate, fit on all.

What the manifest tells is measured on people that a network of the very same recipe had not heard,
through the exported 8-bit call. The one that ships has heard all of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..models.bundle import (
    Bundle,
    ClipSettings,
    Manifest,
    Training,
    TrainingData,
    load_bundle,
    save_bundle,
)
from ..models.classifier import Classifier
from ..models.errors import WakefulError
from ..models.frontend import FrontEndConfig
from ..models.whole_file import whole, write_whole
from ..synth.levels import to_float
from ..synth.progress import bar
from .backbone import SHIPPED_EAR, load_backbone
from .classify import Labelled, Recipe, Report, fit_classifier
from .command_calibrate import Calibration, calibrate
from .command_examples import CommandMaker
from .command_mixing import SECOND, Mixing
from .command_sources import (
    Folders,
    Heard,
    Material,
    Pieces,
    Source,
    read_material,
    require_folds,
)
from .confusion import confusion
from .corpora_classes import LABELS
from .export import versions
from .fits_apart import apart
from .resting import resting
from .train_options import Say
from .ways import go_ways

NAME = "commands-default"
WEIGHTS: Final = "int8"


class CommandDefaultError(WakefulError):
    """The work folder holds another training."""


@dataclass(frozen=True)
class DefaultRecipe:
    """How the shipped model is made."""

    copies: dict[Source, int] = field(
        default_factory=lambda: {
            "people": 7,
            "other words": 1,
            "voices": 1,
            "speech": 1,
            "noise": 1,
        }
    )
    """Mixtures of each clip, by where it comes from."""
    most: int = 90_000
    """In all, for a way: of a whole data set each clip is mixed once or twice."""
    weights: dict[Source, float] = field(
        default_factory=lambda: {
            "people": 1.0,
            "other words": 0.7,
            "voices": 0.5,
            "speech": 0.4,
            "noise": 0.7,
        }
    )
    """How much each of them counts."""
    pieces: Pieces = field(default_factory=Pieces)
    mixing: Mixing = field(default_factory=Mixing)
    fit: Recipe = field(
        default_factory=lambda: Recipe(
            epochs=5,
            batch=128,
            rate=1.5e-3,
            warmup_share=0.08,
            weight_decay=2e-3,
            average_share=0.06,
            smoothing=0.05,
            mixed_share=0.5,
            masked_bands=8,
            masked_frames=15,
        )
    )
    head_epochs: int = 1
    """Of what stands above the backbone, alone, before all of it is fitted."""
    head_rate: float = 3e-3
    """The highest one of that."""
    first_epochs: int = 3
    ways: int = 3
    """So many fits go on from a first one, each on mixtures of its own; their mean is kept."""
    frontend: FrontEndConfig = field(default_factory=FrontEndConfig)


@dataclass(frozen=True)
class DefaultRequest:
    """What to train on, and where it goes. `folds` 0: nothing is measured."""

    folders: Folders
    out: Path
    recipe: DefaultRecipe = field(default_factory=DefaultRecipe)
    backbone: Path = SHIPPED_EAR
    folds: int = 3
    seed: int = 1
    processes: int = 2
    data: Sequence[TrainingData] = ()
    command: str = ""

    @property
    def work(self) -> Path:
        """The folder of half-made things."""
        return self.out / f".{NAME}-work"


@dataclass(frozen=True)
class Measured:
    """What ships, and what its recipe gave on people that had not been heard."""

    bundle: Bundle
    figures: dict[str, Any]


@dataclass(frozen=True)
class Mixed:
    """Every mixture of one way: its features, in a file, and which clip it is of."""

    path: Path
    clip: npt.NDArray[np.int64]

    def of(self, material: Material, recipe: DefaultRecipe, without: int = -1) -> Labelled:
        """What a fit hears that must not hear the people of one fold."""
        kept = [c.fold != without or without < 0 for c in material.clips]
        rows = np.flatnonzero(np.array(kept)[self.clip])
        clips = [material.clips[i] for i in self.clip[rows]]
        return Labelled(
            np.load(self.path, mmap_mode="r")[rows],
            np.array([c.label for c in clips]),
            np.array([recipe.weights[c.source] for c in clips], np.float32),
        )


def train_default(request: DefaultRequest, say: Say) -> Measured:
    """Do what isn't done yet; returns the bundle. Raises `WakefulError`."""
    r = request
    material = read_material(r.folders, r.folds, r.seed, r.recipe.pieces, bar(" clips"))
    folds = min(r.folds, 1) if material.official else r.folds
    require_folds(material, folds)
    say(f"{material.counts()}; {len(material.bad)} broken clips left out")
    _begin(r, material)
    mixed = [_mixed(r, material, number, say) for number in range(r.recipe.ways)]
    # Who has the whole data set keeps its test side for measuring, as everybody does.
    unheard = 0 if material.official else -1
    parts = sorted({*range(folds), unheard})
    apart(partial(_part, r, material, mixed), parts, r.processes, say)
    heard = [_fold(r, material, mixed, fold, say) for fold in range(folds)]
    calibration, figures = _measured(heard, say) if heard else (Calibration(), {})
    model = _fitted(r, material, mixed, unheard, say)
    bundle = _export(r, model, r.out / NAME, calibration, figures, _data(r, material))
    write_whole(r.out / f"{NAME}-figures.json", json.dumps(figures, indent=1).encode())
    say(f"{bundle.path}: {len(bundle.tflite) / 1000:.0f} kB")
    return Measured(bundle, figures)


def _begin(r: DefaultRequest, material: Material) -> None:
    """Raises `CommandDefaultError` for a work folder of other clips, recipe or backbone."""
    ours = json.dumps(
        {
            "clips": material.counts(),
            "folds": r.folds,
            "seed": r.seed,
            "recipe": asdict(r.recipe),
            "backbone": load_backbone(r.backbone).digest(),
        }
    )
    kept = r.work / "order.json"
    r.work.mkdir(parents=True, exist_ok=True)
    if not kept.is_file():
        write_whole(kept, ours.encode())
    elif kept.read_text(encoding="utf-8") != ours:
        raise CommandDefaultError(
            f"{r.work}: was begun with other sound, another recipe or backbone; give another --out "
            "or take it away"
        )


def _mixed(r: DefaultRequest, material: Material, number: int, say: Say) -> Mixed:
    """All mixtures of a way, from their file where they were made before."""
    most = max(1, r.recipe.most // max(1, len(material.clips)))
    copies = [min(most, r.recipe.copies[clip.source]) for clip in material.clips]
    jobs = [(i, copy) for i, count in enumerate(copies) for copy in range(count)]
    path = r.work / f"mixed{number}.npy"
    if not path.is_file():
        samples = [clip.samples for clip in material.clips]
        maker = CommandMaker(
            samples, material.noises, r.recipe.frontend, r.seed + number, r.recipe.mixing
        )
        made = maker.make(jobs, r.processes, bar(" mixtures"))
        with whole(path) as beside, beside.open("wb") as file:
            np.save(file, made)
    say(f"way {number + 1}: {len(jobs)} mixtures")
    return Mixed(path, np.array([i for i, _ in jobs], np.int64))


@dataclass(frozen=True)
class FoldHeard:
    """What one fold's network made of people that it had not heard: scores of three looks each."""

    scores: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]


def _part(
    r: DefaultRequest, material: Material, mixed: Sequence[Mixed], fold: int, say: Say
) -> None:
    """Into files: a fold's network and what it hears, or the one that has heard all (-1)."""
    if fold < 0:
        _fitted(r, material, mixed, fold, say)
    else:
        _fold(r, material, mixed, fold, say)


def _fold(
    r: DefaultRequest, material: Material, mixed: Sequence[Mixed], fold: int, say: Say
) -> FoldHeard:
    """From its file where it was measured before."""
    kept = r.work / f"fold{fold}-heard.npz"
    if not kept.is_file():
        model = _fitted(r, material, mixed, fold, say)
        bundle = _export(r, model, r.work / f"fold{fold}", Calibration(), {}, ())
        found = _heard(Classifier(bundle), _measured_clips(material, fold))
        with whole(kept) as beside, beside.open("wb") as file:
            np.savez(file, scores=found.scores, labels=found.labels)
        right = np.mean(found.scores.mean(axis=1).argmax(axis=1) == found.labels)
        say(f"fold {fold}: {right:.4f} of {len(found.labels)} clips right")
    with np.load(kept) as saved:
        return FoldHeard(saved["scores"], saved["labels"])


def _measured_clips(material: Material, fold: int) -> list[Heard]:
    """The fold's own people saying what has a label: other words, being many, don't count."""
    return [c for c in material.clips if c.fold == fold and c.source == "people"]


def _heard(classifier: Classifier, clips: Sequence[Heard]) -> FoldHeard:
    scores = np.stack([classifier.looks(to_float(clip.samples))[:3] for clip in clips])
    return FoldHeard(scores, np.array([clip.label for clip in clips]))


def _fitted(
    r: DefaultRequest, material: Material, mixed: Sequence[Mixed], fold: int, say: Say
) -> Any:
    """A network that has not heard one fold, or that has heard all (-1); the same for a seed."""
    from ..models.commands import commands_default
    from ..models.keras_import import keras

    keras.utils.set_random_seed(r.seed)
    model = commands_default(len(LABELS))
    backbone = load_backbone(r.backbone).put_under(model)

    def fit(name: str, examples: Mixed, recipe: Recipe, seed: int) -> None:
        name = f"{'all' if fold < 0 else f'fold{fold}'}-{name}"
        heard = examples.of(material, r.recipe, without=fold)
        kept, tell = r.work / f"{name}.npz", _teller(name, say)
        fit_classifier(model, heard, recipe, seed, checkpoint=kept, report=tell)

    def go(way: int) -> None:
        fit(f"way{way + 1}", mixed[way], r.recipe.fit, r.seed + way + 1)

    with resting(backbone):
        head = replace(r.recipe.fit, epochs=r.recipe.head_epochs, rate=r.recipe.head_rate)
        fit("head", mixed[0], head, r.seed)
    fit("first", mixed[0], replace(r.recipe.fit, epochs=r.recipe.first_epochs), r.seed)
    go_ways(model, len(mixed), go)
    return model


def _teller(name: str, say: Say) -> Report:
    def tell(done: int, epochs: int, loss: float, right: float | None) -> None:
        say(f"{name}: epoch {done}/{epochs}, loss {loss:.4f}")

    return tell


def _measured(heard: Sequence[FoldHeard], say: Say) -> tuple[Calibration, dict[str, Any]]:
    """Calibrated on all folds; shares right by fold are those of each fold's own network."""
    scores = np.concatenate([h.scores for h in heard])
    labels = np.concatenate([h.labels for h in heard])
    found = calibrate(scores, labels, LABELS)
    guesses = found.probabilities(scores, LABELS).argmax(axis=1)
    right = guesses == labels
    ends = np.cumsum([len(h.labels) for h in heard])[:-1]
    figures = {
        "right": float(right.mean()),
        "clips": len(labels),
        "by_fold": [float(part.mean()) for part in np.split(right, ends)],
        "by_label": {
            name: float(right[labels == i].mean())
            for i, name in enumerate(LABELS)
            if (labels == i).any()
        },
        "calibration_error": found.error,
        "labels": list(LABELS),
        "confusion": confusion(labels.tolist(), guesses.tolist(), len(LABELS)).tolist(),
    }
    say(f"{figures['right']:.4f} of {len(labels)} clips of people never heard are right")
    return found, figures


def _export(
    r: DefaultRequest,
    model: Any,
    stem: Path,
    calibration: Calibration,
    figures: dict[str, Any],
    data: Sequence[TrainingData],
) -> Bundle:
    """Write the bundle and read it back, checked."""
    from ..models.clip_step import convert_clip
    from ..models.ear import STRIDE

    frontend = r.recipe.frontend
    frames = SECOND // frontend.hop_samples
    clip = ClipSettings(
        frames=frames, temperature=calibration.temperature, offsets=dict(calibration.offsets)
    )
    recipe = json.dumps(asdict(r.recipe))
    manifest = Manifest(
        kind="commands",
        labels=list(LABELS),
        frontend=frontend.to_dict(),
        frames_per_call=frontend.block_frames,
        stride=STRIDE,
        states={},
        weights=WEIGHTS,
        clip=clip,
        training=Training(r.command, recipe, r.seed, versions(), list(data)),
        measured=figures,
    )
    return load_bundle(save_bundle(stem, manifest, convert_clip(model, frames, WEIGHTS)))


def _data(r: DefaultRequest, material: Material) -> list[TrainingData]:
    """What was named with its licence, else the folders' names."""
    if r.data:
        return list(r.data)
    hours = sum(material.hours.values())
    return [TrainingData(f.name, "not stated", round(hours, 3)) for f in r.folders.all()]
