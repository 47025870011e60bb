"""A trained `trigger-classic` on disk: Keras weights, and a manifest that says what they are."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..models.errors import WakefulError
from ..models.whole_file import whole
from ..synth.collection import shown

NAME = "trigger-classic"
WEIGHTS, MANIFEST, CHECKPOINT = f"{NAME}.weights.h5", f"{NAME}.json", f"{NAME}.checkpoint.npz"
_PACKAGES = ("wakeful", "keras", "tensorflow", "tensorflow-cpu", "numpy")


class ClassicModelError(WakefulError):
    """There is no trained net, it is another one, or there is no place for it."""


def describe(model: Any) -> dict[str, Any]:
    """What the manifest says of the network itself."""
    trained = sum(int(w.numpy().size) for w in model.trainable_weights)
    return {
        "architecture": NAME,
        "parameters": {"all": int(model.count_params()), "trained": trained},
    }


def versions() -> dict[str, str]:
    """Of what fitted it, by name."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def save_model(out: Path, model: Any, manifest: dict[str, Any]) -> None:
    """Both beside their places, then renamed, the manifest last: it knows the weights' hash."""
    weights = out / WEIGHTS
    # Keras writes nothing but what is called so.
    _put(weights, model.save_weights, suffix=".weights.h5")
    save_manifest(out, manifest | {"sha256": _sha256(weights)})


def save_manifest(out: Path, manifest: dict[str, Any]) -> None:
    """Raises `ClassicModelError` where there is no place for it."""
    text = json.dumps(manifest, indent=1) + "\n"
    _put(out / MANIFEST, lambda beside: beside.write_text(text, encoding="utf-8"))


def _put(path: Path, write: Callable[[Path], object], suffix: str = "") -> None:
    try:
        with whole(path, suffix) as beside:
            write(beside)
    except OSError as error:
        raise ClassicModelError(
            f"{shown(path)}: can't be written ({error.strerror or error}); the same command goes "
            "on from its last epoch when that is mended"
        ) from error


def load_model(out: Path, model: Any) -> dict[str, Any]:
    """Put the weights of a trained net into `model`; returns its manifest.

    Raises `ClassicModelError` where either file is missing, broken, or of another network.
    """
    manifest, weights = _manifest(out / MANIFEST), out / WEIGHTS
    try:
        if _sha256(weights) != manifest.get("sha256"):
            raise ClassicModelError(
                f"{shown(weights)}: sha256 is not the manifest's; copy both files again"
            )
        model.load_weights(weights)
    except OSError as error:
        raise ClassicModelError(
            f"{shown(weights)}: not readable as weights ({error.strerror or 'no HDF5'}); train it "
            "again"
        ) from error
    except (ValueError, KeyError) as error:
        raise ClassicModelError(
            f"{shown(weights)}: holds the weights of another network; train {NAME} again"
        ) from error
    return manifest


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise ClassicModelError(
            f"{shown(path)}: {error.strerror}; train it first: wakeful train {NAME} --composed "
            "FOLDER"
        ) from error
    except ValueError as error:
        raise ClassicModelError(f"{shown(path)}: not a manifest; train it again") from error
    of = found.get("architecture") if isinstance(found, dict) else None
    if of != NAME:
        raise ClassicModelError(f"{shown(path)}: is the manifest of {of!r}, not of {NAME}")
    return dict(found)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
