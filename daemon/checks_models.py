"""Checks of what is listened for: the configuration, the models, who may wake them, the extras."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import partial

from .finding import Case, Finding

EXTRAS = {
    "plot": ("matplotlib",),
    "train": ("keras", "tensorflow"),
    "synth": ("piper", "pyworld", "pyroomacoustics"),
    "asr": ("faster_whisper",),
    "metrics": ("prometheus_client",),
}
"""What each brings; one that lacks a part counts as not installed."""


def check_configuration(case: Case) -> Iterator[Finding]:
    """Which file counts, and whether every key in it is right."""
    from .config import config_path, load

    path = config_path(case.config)
    load(case.config)
    yield Finding("configuration", "ok", str(path) if path else "built in; no file")


def check_models(case: Case) -> Iterator[Finding]:
    """Each bundle: whole, of this version, its network the one that its manifest names."""
    from .finding import examine

    for name in case.settings.models:
        yield from examine(f"model {name}", partial(_check_model, name), case)


def _check_model(name: str, _case: Case) -> Iterator[Finding]:
    import numpy as np

    from ..models.bundle import load_bundle
    from ..models.runtime import TriggerModel

    model = TriggerModel(load_bundle(name))
    frontend, manifest = model.bundle.frontend, model.bundle.manifest
    model.step(model.new_state(), np.zeros((frontend.block_frames, frontend.bands), np.float32))
    size = len(model.bundle.tflite) / 1024
    text = f"{', '.join(manifest.labels)}; {size:.0f} KiB, sha256 {manifest.sha256[:12]}"
    yield Finding(f"model {name}", "ok", f"{text}, fires at {manifest.detector.threshold:.2f}")


def check_together(case: Case) -> Iterator[Finding]:
    """Whether the models can share one front end, and whose voices are known."""
    from .events import Stamp
    from .hearing import open_hearing

    hearing = open_hearing(case.settings, case.config)
    hearing.pipeline(Stamp("doctor", 0.0))
    if only := case.settings.detector.only:
        yield Finding("voices", "ok", f"wakes for {', '.join(only)} alone")


def check_extras(case: Case) -> Iterator[Finding]:
    """Which of the optional parts are there; one that the configuration needs must be."""
    there = [extra for extra in EXTRAS if has_extra(extra)]
    lacking = [extra for extra in EXTRAS if extra not in there]
    text = f"{', '.join(there) or 'none'}"
    yield Finding("extras", "ok", f"{text}; not installed: {', '.join(lacking) or 'none'}")
    needed = {
        "metrics": case.settings.health.metrics_port != 0,
        "asr": case.settings.recognizer.kind == "whisper",
    }
    for extra in lacking:
        if needed.get(extra):
            text = f"the configuration needs wakeful[{extra}], which is not installed"
            yield Finding("extras", "failed", text, f"pip install 'wakeful[{extra}]'")


def has_extra(extra: str) -> bool:
    """Whether all of its packages can be imported; none of them is."""
    return all(importlib.util.find_spec(package) for package in EXTRAS[extra])
