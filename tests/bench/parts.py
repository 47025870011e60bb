"""Where the time of listening goes: each stage alone, in microseconds for a second of speech.

.venv-bench/bin/python tests/bench/parts.py
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread for all

import numpy as np
import sound as sounds
from engines import Samples
from wakeful.daemon.events import Stamp
from wakeful.daemon.gate import VoiceGate
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.ring import Ring
from wakeful.daemon.settings import GateSettings, Settings
from wakeful.models.bundle import load_bundle
from wakeful.models.frontend import FrontEnd
from wakeful.models.runtime import TriggerModel

Stage = Callable[[Samples], object]


def stages(model: TriggerModel) -> Iterator[tuple[str, Stage]]:
    """Each stage as a function of one block."""
    config = model.bundle.frontend
    frontend, state = FrontEnd(config), model.new_state()
    features = frontend.new_state()
    frames = np.zeros((config.block_frames, config.bands), np.float32)
    yield "ring", Ring(config.block_samples * 500).write
    yield "gate", VoiceGate(GateSettings(), config.block_samples).feed
    yield "front end", lambda block: frontend.step(features, block)
    yield "network", lambda block: model.step(state, frames)
    yield "of it, LiteRT alone", lambda block: model._interpreter.invoke()
    yield "of it, by signature runner", _by_signature(model, frames)
    yield "all of it", Pipeline(Settings(), [model], Stamp("bench", 0.0)).feed


def _by_signature(model: TriggerModel, frames: np.ndarray) -> Stage:
    """The same network through LiteRT's own way by names, for comparison."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=model.bundle.tflite, num_threads=1)
    runner = interpreter.get_signature_runner(next(iter(interpreter.get_signature_list())))
    past = {name: np.zeros(shape, np.float32) for name, shape in model._shapes.items()}
    return lambda block: runner(frames=frames[np.newaxis], **past)


def microseconds(stage: Stage, blocks: list[Samples], block_s: float, rounds: int) -> float:
    """CPU for a second of sound, the median of some rounds."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        for block in blocks:
            stage(block)
        times.append((time.process_time() - began) / (len(blocks) * block_s) * 1e6)
    return statistics.median(times)


def main() -> None:
    """Print one line a stage."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speech", type=Path, help="folder of 16 kHz recordings")
    parser.add_argument("--model", default="activate")
    options = parser.parse_args()
    model = TriggerModel(load_bundle(options.model))
    size = model.bundle.frontend.block_samples
    sound = sounds.speech(options.speech, 60)
    blocks = [sound[at : at + size] for at in range(0, len(sound) - size + 1, size)]
    for name, stage in stages(model):
        print(f"{name:28} {microseconds(stage, blocks, size / sounds.RATE_HZ, 5):6.0f} µs")


if __name__ == "__main__":
    main()
