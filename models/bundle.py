"""The model bundle: ``NAME.tflite`` and ``NAME.json`` side by side, checked whole before use.

The manifest says what the network listens for, which front end made its features, where to
fire, and how it was made and measured. `load_bundle` refuses anything that doesn't fit, with an
error named for what is wrong; a bundle that loads can be run.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from .errors import WakefulError
from .frontend import FrontEndConfig, FrontEndError
from .whole_file import write_whole

FORMAT = 1
PRETRAINED = Path(__file__).with_name("pretrained")

Kind = Literal["trigger", "commands", "digits", "asr"]
Count = Annotated[int, Meta(ge=1, le=10_000)]
"""What is divided by, or made so many of: a manifest is read before anybody has checked it."""


class BundleError(WakefulError):
    """A model bundle can't be used."""


class BundleMissingError(BundleError):
    """There is no such bundle, or one of its two files is missing."""


class BundleFormatError(BundleError):
    """The manifest is no manifest, or one of another version or kind."""


class BundleHashError(BundleError):
    """The network is not the one that the manifest was written for."""


class BundleFrontEndError(BundleError):
    """The model wants features that this version doesn't make."""


class BundleShapeError(BundleError):
    """The network's tensors are not those that the manifest promises."""


class DetectorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a row of probabilities is the word: measured with the model, changed by the user."""

    threshold: Annotated[float, Meta(gt=0, le=1)] = 0.5
    smooth_steps: Count = 3
    refractory_s: Annotated[float, Meta(ge=0, le=3_600)] = 1.5


class ClipSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a network that hears a whole clip is asked, and how sure it is when it answers.

    Its scores are divided by `temperature`, and each label's offset is added: calibrated on people
    that it had not heard, they make probabilities.
    """

    frames: Annotated[int, Meta(ge=1)]
    temperature: Annotated[float, Meta(gt=0)] = 1.0
    offsets: dict[str, float] = {}


class TrainingData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One set of sound that the model learned from."""

    name: str
    licence: str
    hours: float


class Training(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to make the model again."""

    command: str = ""
    recipe: str = ""
    seed: int = 0
    versions: dict[str, str] = {}
    data: list[TrainingData] = []


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What ``NAME.json`` holds. `states` maps each state tensor to its shape."""

    format: int = FORMAT
    kind: Kind = "trigger"
    labels: Annotated[list[str], Meta(min_length=1)]
    frontend: dict[str, Any]
    frames_per_call: Count
    stride: Count
    warmup_steps: Annotated[int, Meta(ge=0)] = 0
    states: dict[str, list[int]]
    weights: Literal["float32", "int8"] = "float32"
    detector: DetectorSettings = DetectorSettings()
    clip: ClipSettings | None = None
    sha256: str = ""
    training: Training = Training()
    measured: dict[str, Any] = {}


@dataclass(frozen=True)
class Bundle:
    """A checked model: what it is, and the bytes that LiteRT runs."""

    name: str
    path: Path
    manifest: Manifest
    frontend: FrontEndConfig
    tflite: bytes

    @property
    def step_s(self) -> float:
        """Seconds from one probability to the next."""
        return self.frontend.frame_s * self.manifest.stride


def find_bundle(name_or_path: str | os.PathLike[str]) -> Path:
    """The manifest's path for a shipped model's name, or for a path with or without its ending."""
    text = os.fspath(name_or_path)
    if not text:
        raise BundleMissingError("model '': a model needs a name or a path")
    looks_like_path = os.sep in text or text.endswith((".json", ".tflite"))
    path = Path(text) if looks_like_path else PRETRAINED / text
    manifest = path if path.suffix == ".json" else path.with_name(_stem(path) + ".json")
    if manifest.is_file():
        return manifest
    if looks_like_path:
        raise BundleMissingError(
            f"model {text}: there is no {manifest}; give the path of a NAME.json"
        )
    shipped = ", ".join(shipped_models()) or "none"
    raise BundleMissingError(
        f"model {text!r} is not shipped (shipped: {shipped}); for your own, give its path"
    )


def _stem(path: Path) -> str:
    return path.stem if path.suffix == ".tflite" else path.name


def shipped_models(kind: Kind | None = None) -> list[str]:
    """The names of the models that came with the package, of all kinds or of one."""
    there = [p for p in PRETRAINED.glob("*.json") if p.with_suffix(".tflite").is_file()]
    return sorted(p.stem for p in there if kind is None or _decode(p).kind == kind)


def load_bundle(name_or_path: str | os.PathLike[str]) -> Bundle:
    """Find, read and check a bundle; raises a `BundleError` that says what is wrong with it."""
    path = find_bundle(name_or_path)
    manifest = _decode(path)
    try:
        frontend = FrontEndConfig.from_dict(manifest.frontend)
    except FrontEndError as error:
        raise BundleFrontEndError(f"model {path}: {error}") from error
    if manifest.frames_per_call != frontend.block_frames:
        raise BundleShapeError(
            f"model {path}: takes {manifest.frames_per_call} frames a call, "
            f"its front end makes {frontend.block_frames}; export it again"
        )
    return Bundle(path.stem, path, manifest, frontend, _network(path, manifest))


def _decode(path: Path) -> Manifest:
    try:
        raw = path.read_bytes()
        version = msgspec.json.decode(raw, type=dict[str, Any]).get("format")
        if version != FORMAT:
            raise BundleFormatError(
                f"model {path}: format {version!r}, this wakeful reads {FORMAT}; "
                "export the model again or install the version that made it"
            )
        manifest = msgspec.json.decode(raw, type=Manifest)
    except OSError as error:
        raise BundleMissingError(f"model {path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleFormatError(f"model {path}: not a manifest: {_shown(error)}") from error
    return manifest


def _shown(error: Exception) -> str:
    """What is wrong, in one line: a key may hold what breaks lines."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(error))


def _network(path: Path, manifest: Manifest) -> bytes:
    network = path.with_suffix(".tflite")
    try:
        content = network.read_bytes()
    except OSError as error:
        raise BundleMissingError(
            f"model {network}: {error.strerror}; its manifest is there"
        ) from error
    if hashlib.sha256(content).hexdigest() != manifest.sha256:
        raise BundleHashError(
            f"model {network}: sha256 is not the manifest's; copy both files again"
        )
    return content


def save_bundle(stem: Path, manifest: Manifest, tflite: bytes) -> Path:
    """Write both files, each whole or not at all; returns the manifest's path.

    The manifest is renamed last: until then a reader sees the old pair or a hash that doesn't fit.
    """
    digest = hashlib.sha256(tflite).hexdigest()
    manifest = msgspec.structs.replace(manifest, sha256=digest)
    pretty = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    target = stem.with_name(stem.name + ".json")
    for path, content in ((stem.with_name(stem.name + ".tflite"), tflite), (target, pretty)):
        write_whole(path, content)
    return target
