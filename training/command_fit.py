"""One older command network on one feature: made, fitted, measured, and its files."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..models.whole_file import whole, write_whole
from ..synth.progress import bar
from .classify import History, Labelled, Recipe, Report, accuracy, fit_classifier, scores
from .command_data import SIDES, CommandData
from .command_features import BACKGROUND, FEATURES, prepared
from .confusion import confusion
from .corpora import Clip, Split
from .corpora_classes import LABELS
from .corpora_sound import Bad
from .corpus import read_sound
from .mistakes import Mistake, surest_mistakes
from .train_options import Say


@dataclass(frozen=True)
class CommandFit:
    """What is to be fitted, and where its half-made things lie."""

    network: str
    feature: str
    recipe: Recipe
    seed: int
    work: Path

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.network}-{self.feature}"


@dataclass(frozen=True)
class Row:
    """One line of the comparison: shares right by side, and what the network costs."""

    network: str
    feature: str
    train: float
    validation: float
    test: float
    parameters: int
    size_bytes: int
    ms: float
    seconds: float
    losses: list[float]
    confusion: list[list[int]]
    """By label said and label heard, of the test side."""
    mistakes: list[Mistake] = field(default_factory=list)
    """The surest of the test side; an older run kept none."""


@dataclass(frozen=True)
class Sides:
    """Every side as one feature; `tested` are the clips of the test side, row by row."""

    labelled: dict[Split, Labelled]
    tested: tuple[Clip, ...]
    bad: tuple[Bad, ...]


def prepared_sides(data: CommandData, feature: str, work: Path, seed: int, say: Say) -> Sides:
    """The training side with background."""
    noises = [read_sound(path) for path in data.noise]
    made = {
        side: prepared(
            data.sides[side],
            FEATURES[feature],
            work / f"{feature}-{side}.npy",
            mixing=BACKGROUND if side == "train" else None,
            noises=noises,
            seed=seed,
            show=bar(" clips"),
        )
        for side in SIDES
    }
    bad = tuple(one for side in SIDES for one in made[side].bad)
    if bad:
        say(f"{feature}: {len(bad)} clips are left out, the first: {bad[0].reason}")
    return Sides({side: made[side].labelled for side in SIDES}, made["test"].clips, bad)


def fitted_row(fit: CommandFit, sides: Sides, say: Say) -> tuple[Any, Row]:
    """Fit a network and measure it on each side; a fit that was stopped goes on."""
    from ..models.commands import build
    from ..models.keras_import import keras

    keras.utils.set_random_seed(fit.seed)
    model = build(fit.network, FEATURES[fit.feature].shape, len(LABELS))
    history = fit_classifier(
        model,
        sides.labelled["train"],
        fit.recipe,
        fit.seed,
        validation=sides.labelled["validation"],
        checkpoint=fit.work / f"{fit.name}.fit.npz",
        report=_teller(fit.name, say),
    )
    return model, _row(fit, model, history, sides)


def _teller(name: str, say: Say) -> Report:
    began = time.monotonic()

    def tell(done: int, epochs: int, loss: float, right: float | None) -> None:
        left_s = (time.monotonic() - began) / done * (epochs - done)
        told = "" if right is None else f", {right:.4f} of validation right"
        say(f"{name}: epoch {done}/{epochs}, loss {loss:.4f}{told}, {left_s / 60:.1f} min left")

    return tell


def _row(fit: CommandFit, model: Any, history: History, sides: Sides) -> Row:
    test = sides.labelled["test"]
    found = scores(model, test.features)
    heard = found.argmax(axis=1)
    content = tflite_of(model, FEATURES[fit.feature].shape)
    return Row(
        network=fit.network,
        feature=fit.feature,
        train=accuracy(model, sides.labelled["train"]),
        validation=accuracy(model, sides.labelled["validation"]),
        test=float(np.mean(heard == test.labels)),
        parameters=int(model.count_params()),
        size_bytes=len(content),
        ms=milliseconds(content, FEATURES[fit.feature].shape),
        seconds=history.seconds,
        losses=history.losses,
        confusion=confusion(test.labels.tolist(), heard.tolist(), len(LABELS)).tolist(),
        mistakes=surest_mistakes(sides.tested, found, test.labels.tolist(), LABELS),
    )


def tflite_of(model: Any, shape: Sequence[int]) -> bytes:
    """As it would ship: LiteRT with 8-bit weights, one clip a call."""
    from ..models.tensorflow_import import tensorflow as tf

    module = tf.Module()
    module.run = tf.function(
        lambda x: model(x, training=False), input_signature=[tf.TensorSpec((1, *shape))]
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [module.run.get_concrete_function()], module
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    content: bytes = converter.convert()
    return content


def milliseconds(content: bytes, shape: Sequence[int], times: int = 15) -> float:
    """The median of some calls on one thread, without the features."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    sound = np.random.default_rng(0).standard_normal((1, *shape)).astype(np.float32)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], sound)
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        interpreter.invoke()
        taken.append(time.perf_counter() - began)
    return 1_000 * float(np.median(taken))


def save_network(stem: Path, model: Any, row: Row, told: dict[str, Any]) -> Path:
    """``STEM.npz`` and ``STEM.json``: its weights in Keras's order, and what it is worth."""
    arrays: dict[str, Any] = {f"{i:03d}": w for i, w in enumerate(model.get_weights())}
    with whole(stem.with_name(stem.name + ".npz")) as beside, beside.open("wb") as file:
        np.savez(file, **arrays)
    about = stem.with_name(stem.name + ".json")
    write_whole(about, json.dumps({**told, "labels": LABELS, **asdict(row)}, indent=1).encode())
    return about
