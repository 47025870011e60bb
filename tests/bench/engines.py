"""The engines that are set side by side, each fed in its natural chunk, on one thread.

This file and `engine_process` run under the peers' own interpreters too: at the top they import
nothing but numpy. A stream's feed tells of each chunk whether the engine takes it for the end of
its word, at the threshold that it is shipped with.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Feed = Callable[[Samples], bool]

NUMPY_1 = frozenset({"openwakeword"})
"""Peers whose wheels were compiled against numpy 1: they live in an environment of their own."""

_HALF = 0.5
"""openWakeWord's threshold, where nobody gives another."""


@dataclass(frozen=True)
class Engine:
    """A name, what pip calls it, how many samples it likes at once, and what makes a stream."""

    name: str
    package: str
    word: str
    chunk_samples: int
    open_stream: Callable[[], Feed]


def wakeful(model_name: str = "activate") -> Engine:
    """Our whole pipeline as `wakeful listen` runs it: ring, gate, front end, net, detector."""
    from wakeful.daemon.events import Stamp, Wake
    from wakeful.daemon.pipeline import Pipeline
    from wakeful.daemon.settings import Settings
    from wakeful.models.bundle import load_bundle
    from wakeful.models.runtime import TriggerModel

    model = TriggerModel(load_bundle(model_name))

    def open_stream() -> Feed:
        pipeline = Pipeline(Settings(), [model], Stamp("bench", 0.0))
        return lambda samples: any(isinstance(e, Wake) for e in pipeline.feed(samples))

    return Engine(
        "wakeful", "wakeful", model_name, model.bundle.frontend.block_samples, open_stream
    )


def pymicro_wakeword() -> Engine:
    """With its own "alexa", 10 ms of features at a time, as its own loop does."""
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

    def open_stream() -> Feed:
        features, model = MicroWakeWordFeatures(), MicroWakeWord.from_builtin(Model.ALEXA)

        def feed(samples: Samples) -> bool:
            frames = features.process_streaming(samples.tobytes())
            fired = [model.process_streaming(frame) for frame in frames]
            return any(fired)

        return feed

    return Engine("pymicro-wakeword", "pymicro-wakeword", "alexa", 160, open_stream)


def porcupine(word: str = "alexa", sensitivity: float = 0.5) -> Engine:
    """In frames of 512, as a list: from an array it would take a tenth longer to convert them."""
    import pvporcupine

    def open_stream() -> Feed:
        process = pvporcupine.create(keywords=[word], sensitivities=[sensitivity]).process
        return lambda samples: process(samples.tolist()) >= 0

    return Engine("porcupine", "pvporcupine", word, 512, open_stream)


def openwakeword() -> Engine:
    """80 ms at a time through its own "alexa", on TFLite, which is its default."""
    from openwakeword.model import Model

    def open_stream() -> Feed:
        model = Model(wakeword_models=["alexa"], inference_framework="tflite")
        return lambda samples: model.predict(samples)["alexa"] >= _HALF

    return Engine("openwakeword", "openwakeword", "alexa", 1_280, open_stream)


def pyopen_wakeword() -> Engine:
    """The same networks by a C library, 80 ms at a time, as its own loop does."""
    from pyopen_wakeword import Model, OpenWakeWord, OpenWakeWordFeatures

    def open_stream() -> Feed:
        features = OpenWakeWordFeatures.from_builtin()
        model = OpenWakeWord.from_builtin(Model.ALEXA)

        def feed(samples: Samples) -> bool:
            embeddings = features.process_streaming(samples.tobytes())
            scores = [p for e in embeddings for p in model.process_streaming(e)]
            return max(scores, default=0.0) >= _HALF

        return feed

    return Engine("pyopen-wakeword", "pyopen-wakeword", "alexa", 1_280, open_stream)


def pocketsphinx(word: str = "alexa") -> Engine:
    """Keyword search for one word; a new utterance after each find, as its manual has it."""
    from pocketsphinx import Decoder

    def open_stream() -> Feed:
        decoder = Decoder(keyphrase=word, kws_threshold=1e-20, lm=None, loglevel="FATAL")
        decoder.start_utt()

        def feed(samples: Samples) -> bool:
            decoder.process_raw(samples.tobytes(), False, False)
            if decoder.hyp() is None:
                return False
            decoder.end_utt()
            decoder.start_utt()
            return True

        return feed

    return Engine("pocketsphinx", "pocketsphinx", word, 1_024, open_stream)


ENGINES: dict[str, Callable[[], Engine]] = {
    "wakeful": wakeful,
    "pymicro-wakeword": pymicro_wakeword,
    "porcupine": porcupine,
    "openwakeword": openwakeword,
    "pyopen-wakeword": pyopen_wakeword,
    "pocketsphinx": pocketsphinx,
}


def keep_to_one_thread() -> None:
    """To be called before numpy and the engines are imported anywhere else than here."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
