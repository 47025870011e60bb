"""The engines that are set side by side, each fed in its natural chunk, on one thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Feed = Callable[[Samples], object]


@dataclass(frozen=True)
class Engine:
    """A name, how many samples it likes at once, and what makes a fresh stream of it."""

    name: str
    chunk_samples: int
    open_stream: Callable[[], Feed]


def wakeful(model_name: str) -> Engine:
    """Our whole pipeline as `wakeful listen` runs it: ring, gate, front end, net, detector."""
    from wakeful.daemon.events import Stamp
    from wakeful.daemon.pipeline import Pipeline
    from wakeful.daemon.settings import Settings
    from wakeful.models.bundle import load_bundle
    from wakeful.models.runtime import TriggerModel

    model = TriggerModel(load_bundle(model_name))

    def open_stream() -> Feed:
        return Pipeline(Settings(), [model], Stamp("bench", 0.0)).feed

    return Engine("wakeful", model.bundle.frontend.block_samples, open_stream)


def pymicro_wakeword() -> Engine:
    """pymicro-wakeword with its own "alexa", 10 ms of features at a time, as its own loop does."""
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

    def open_stream() -> Feed:
        features, model = MicroWakeWordFeatures(), MicroWakeWord.from_builtin(Model.ALEXA)

        def feed(samples: Samples) -> None:
            for frame in features.process_streaming(samples.tobytes()):
                model.process_streaming(frame)

        return feed

    return Engine("pymicro-wakeword", 160, open_stream)


def porcupine() -> Engine:
    """Porcupine 1.9.5 with its own "alexa", in frames of 512."""
    import pvporcupine

    def open_stream() -> Feed:
        process: Feed = pvporcupine.create(keywords=["alexa"]).process
        return process

    return Engine("porcupine", 512, open_stream)


def all_engines(model_name: str) -> list[Engine]:
    """Ours and the peers that are installed: all of them, with the ``bench`` extra."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return [wakeful(model_name), pymicro_wakeword(), porcupine()]
