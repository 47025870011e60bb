"""What one call of a network's streaming step costs: CPU microseconds by frames and weights.

.venv-test/bin/python tests/bench/step.py [--network trigger-classic] [--frames 4,12,24]
.venv-test/bin/python tests/bench/step.py --together activate
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from wakeful.models.bundle import load_bundle
from wakeful.models.many import WIDTHS, ManyTriggers, ManyTriggerState, Rows, rows_of
from wakeful.models.runtime import TriggerModel
from wakeful.models.streaming import StreamingStep, Weights, convert
from wakeful.models.trigger import NETWORKS, build

WEIGHTS: tuple[Weights, ...] = ("float32", "int8")


def calls(step: StreamingStep, bands: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """LiteRT's part alone, and a whole call: frames and states in, probability and states out."""
    run = Interpreter(model_content=step.tflite, num_threads=1)
    run.allocate_tensors()
    runner = run.get_signature_runner()
    inputs = {name: int(d["index"]) for name, d in runner.get_input_details().items()}
    outputs = {name: int(d["index"]) for name, d in runner.get_output_details().items()}
    del runner  # it holds views into the interpreter, which refuses to run while any lives
    frames = np.random.default_rng(0).normal(size=(1, step.frames_per_call, bands)).astype("f")
    state = {name: np.zeros(shape, np.float32) for name, shape in step.states.items()}

    def whole() -> None:
        run.set_tensor(inputs["frames"], frames)
        for name, value in state.items():
            run.set_tensor(inputs[name], value)
        run.invoke()
        for name in state:
            state[name] = run.get_tensor(outputs[name])
        run.get_tensor(outputs["probability"])

    whole()
    return run.invoke, whole


def cpu_us(call: Callable[[], object], times: int) -> float:
    """CPU for one call, the mean over many."""
    began = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - began) / times * 1e6


def rows(network: str, frames: list[int], rounds: int) -> Iterator[str]:
    """A line of the table each; the best of some rounds, which other programs disturbed least."""
    model = build(network)
    for n in frames:
        for weights in WEIGHTS:
            pair = calls(convert(model, n, weights), model.input_shape[-1])
            alone, whole = (min(cpu_us(call, 2_000) for _ in range(rounds)) for call in pair)
            yield f"| {n} | {weights} | {alone:.1f} | {whole:.1f} | {whole / n:.2f} |"


def together(name: str, rounds: int) -> Iterator[str]:
    """A shipped network's step alone, and for many streams in a call: microseconds of a stream."""
    model = TriggerModel(load_bundle(name))
    many, state = ManyTriggers(model), model.new_state()
    shape = (max(WIDTHS), model.bundle.frontend.block_frames, model.bundle.frontend.bands)
    frames = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    alone = min(cpu_us(lambda: model.step(state, frames[0]), 2_000) for _ in range(rounds))
    yield f"| a call for each stream | {alone:.1f} µs |"
    for width in sorted(WIDTHS):
        states, rows = many.new_state(width), rows_of(range(width))

        def call(
            states: ManyTriggerState = states, rows: Rows = rows, width: int = width
        ) -> object:
            return many.step(states, rows, frames[:width])

        each = min(cpu_us(call, 2_000 // width) for _ in range(rounds)) / width
        yield f"| a call for {width} | {each:.1f} µs |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--network", choices=sorted(NETWORKS), default="trigger-default")
    parser.add_argument("--frames", default="3,6,9,12", help="frames a call, with commas")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--together", metavar="MODEL", help="many streams of a shipped network")
    options = parser.parse_args()
    if options.together:
        print(*together(options.together, options.rounds), sep="\n")
        return
    print("| frames a call | weights | LiteRT alone | with its tensors | of it for a frame |")
    print("|---|---|---|---|---|")
    for row in rows(options.network, [int(n) for n in options.frames.split(",")], options.rounds):
        print(row, flush=True)


if __name__ == "__main__":
    main()
