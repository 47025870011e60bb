"""What a network knows about speech before it knows a word: weights that every word starts from.

Two files in `models/pretrained`: `backbone.npz`, from which words, digits and letters start, and
`ear.npz`, from which commands do. Each holds its layers' weights by name, as float16, beside a
manifest that says what they were fitted on and by which command. The last layer, the word's own, is
not among them.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.bundle import PRETRAINED
from ..models.errors import WakefulError
from ..models.whole_file import whole

SHIPPED = PRETRAINED / "backbone.npz"
SHIPPED_EAR = PRETRAINED / "ear.npz"
FORMAT = 1
_MANIFEST = "manifest.json"
_OWN = "probability"
_RARE = -3.0
"""The new last layer's bias: nearly every step is not the word."""


class BackboneError(WakefulError):
    """The file is no backbone, or one of another network."""


@dataclass(frozen=True)
class About:
    """What a backbone was made from."""

    network: str
    command: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    data: list[dict[str, Any]] = field(default_factory=list)
    teacher: str = ""
    loss: float | None = None
    before: dict[str, Any] | None = None
    """The same of the lesson before it."""
    format: int = FORMAT


@dataclass(frozen=True)
class Backbone:
    """`weights`: "layer/index" -> array, of every layer but the word's own."""

    about: About
    weights: dict[str, npt.NDArray[np.float32]]

    def put_into(self, model: Any) -> None:
        """Every weight into the layer of its name; raises `BackboneError` where one doesn't fit."""
        wanted = {name: v for name, v in _named(model) if not name.startswith(f"{_OWN}/")}
        if odd := sorted(name for name, v in wanted.items() if not self._fits(name, v)):
            raise BackboneError(
                f"backbone: {odd[0]} doesn't fit the network; use the one that came with wakeful, "
                "or train without"
            )
        for name, variable in wanted.items():
            variable.assign(self.weights[name])
        model.get_layer(_OWN).bias.assign([_RARE])

    def put_under(self, model: Any) -> list[Any]:
        """Into the layers that a network of another end has in common with the backbone's: these.

        Raises `BackboneError` where one of them is missing, or of another size.
        """
        layers = {name.partition("/")[0] for name in self.weights} - {"embedding"}
        found = {n: v for n, v in _named(model) if n.partition("/")[0] in layers}
        missing = layers - {name.partition("/")[0] for name in found}
        if odd := sorted(missing | {n for n, v in found.items() if not self._fits(n, v)}):
            raise BackboneError(
                f"backbone: {odd[0]} doesn't fit the network; use the one that came with wakeful"
            )
        for name, variable in found.items():
            variable.assign(self.weights[name])
        return [layer for layer in model.layers if layer.name in layers]

    def digest(self) -> str:
        """Another one for other weights."""
        told = hashlib.sha256()
        for name in sorted(self.weights):
            told.update(name.encode() + np.ascontiguousarray(self.weights[name]).tobytes())
        return told.hexdigest()

    def _fits(self, name: str, variable: Any) -> bool:
        return name in self.weights and self.weights[name].shape == tuple(variable.shape)


def backbone_of(model: Any, about: About) -> Backbone:
    """The backbone that a fitted network holds."""
    named = ((name, v) for name, v in _named(model) if not name.startswith(f"{_OWN}/"))
    return Backbone(about, {name: np.asarray(v, np.float32) for name, v in named})


def _named(model: Any) -> list[tuple[str, Any]]:
    """Weights and moving statistics by layer and place in it."""
    layers = [layer for layer in model.layers if layer.weights]
    return [(f"{layer.name}/{i}", v) for layer in layers for i, v in enumerate(_kept(layer))]


def _kept(layer: Any) -> list[Any]:
    return [v for v in layer.weights if "seed" not in v.path]


def save_backbone(path: Path, backbone: Backbone) -> None:
    """Write it, whole or not at all."""
    arrays: dict[str, Any] = {k: v.astype(np.float16) for k, v in backbone.weights.items()}
    text = json.dumps(asdict(backbone.about), sort_keys=True).encode()
    with whole(path) as beside, beside.open("wb") as file:
        np.savez_compressed(file, **arrays | {_MANIFEST: np.frombuffer(text, np.uint8)})


def load_backbone(path: Path = SHIPPED) -> Backbone:
    """Read one; raises `BackboneError` for a file that is none, or of another format."""
    try:
        with path.open("rb") as file, np.load(file) as saved:
            about = About(**json.loads(saved[_MANIFEST].tobytes()))
            weights = {k: saved[k].astype(np.float32) for k in saved.files if k != _MANIFEST}
    except FileNotFoundError as error:
        raise BackboneError(
            f"{path}: no such backbone; wakeful train --backbone makes one"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise BackboneError(f"{path}: not a backbone ({error}); take another file") from error
    if about.format != FORMAT:
        raise BackboneError(
            f"{path}: format {about.format}, this version reads {FORMAT}; update wakeful"
        )
    return Backbone(about, weights)
