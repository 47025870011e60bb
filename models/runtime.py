"""Runs a streaming step under LiteRT: one set of weights, any number of streams.

`TriggerModel` is read-only once made and may serve many streams, one call at a time; each stream
owns a `TriggerState`, zeros when fresh. LiteRT is `ai-edge-litert`; where only `tflite_runtime` is
installed, as on older Raspberry Pi systems, that is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .bundle import Bundle, BundleFormatError, BundleShapeError, Kind
from .errors import WakefulError
from .quiet import quiet_stderr

Frames = npt.NDArray[np.float32]
Probabilities = npt.NDArray[np.float32]


class RuntimeMissingError(WakefulError):
    """Neither of the two LiteRT packages is installed."""


@dataclass
class TriggerState:
    """What one stream over a model remembers: the step's state tensors by name."""

    shapes: dict[str, tuple[int, ...]]
    buffers: list[Frames] = field(init=False)

    def __post_init__(self) -> None:
        self.buffers = [np.zeros(shape, np.float32) for shape in self.shapes.values()]

    def __getitem__(self, name: str) -> Frames:
        """The buffer of one state."""
        return self.buffers[list(self.shapes).index(name)]

    def reset(self) -> None:
        """Back to fresh: all zeros."""
        self.buffers = [np.zeros(shape, np.float32) for shape in self.shapes.values()]


class TriggerModel:
    """A loaded trigger network. Not for two threads at once: LiteRT's interpreter is one."""

    kinds: tuple[Kind, ...] = ("trigger",)
    output = "probability"

    def __init__(self, bundle: Bundle) -> None:
        if bundle.manifest.kind not in self.kinds:
            raise BundleFormatError(
                f"model {bundle.path}: is a {bundle.manifest.kind} model, "
                f"not {' or '.join(self.kinds)}"
            )
        self.bundle = bundle
        self._shapes = {n: tuple(s) for n, s in bundle.manifest.states.items()}
        self._interpreter = interpreter_of(bundle, bundle.tflite)
        self._bind()

    def _bind(self) -> None:
        """Find each named tensor's index once: the signature runner looks them up at every call."""
        m = self.bundle.manifest
        inputs, outputs = tensors_of(self._interpreter, self.bundle)
        _expect(self.bundle, "inputs", inputs, {"frames", *self._shapes})
        _expect(self.bundle, "outputs", outputs, {self.output, *self._shapes})
        bands, steps = self.bundle.frontend.bands, m.frames_per_call // m.stride
        shapes = {"frames": (1, m.frames_per_call, bands)} | self._shapes
        for name, shape in shapes.items():
            _same_shape(self.bundle, name, inputs[name], shape)
        _same_shape(self.bundle, self.output, outputs[self.output], self._answer(steps))
        self._frames = inputs["frames"]["index"]
        self._inputs = [inputs[n]["index"] for n in self._shapes]
        self._outputs = [outputs[n]["index"] for n in self._shapes]
        self._probability = outputs[self.output]["index"]

    def _answer(self, steps: int) -> tuple[int, ...]:
        """The shape of one call's output."""
        return (1, steps)

    def new_state(self) -> TriggerState:
        """A fresh stream."""
        return TriggerState(self._shapes)

    def step(self, state: TriggerState, frames: Frames) -> Probabilities:
        """`frames_per_call` frames in, ``frames_per_call // stride`` probabilities out."""
        run = self._interpreter
        set_tensor, get_tensor = run.set_tensor, run.get_tensor
        set_tensor(self._frames, frames[np.newaxis])
        for index, buffer in zip(self._inputs, state.buffers, strict=True):
            set_tensor(index, buffer)
        run.invoke()
        state.buffers = [get_tensor(index) for index in self._outputs]
        out: Probabilities = get_tensor(self._probability)[0]
        return out


class TokenModel(TriggerModel):
    """A loaded CTC network, of digits or of letters.

    A step gives [frames_per_call // stride, labels]: a logit for each of the manifest's labels, the
    last of which is CTC's blank.
    """

    kinds = ("digits", "asr")
    output = "tokens"

    def _answer(self, steps: int) -> tuple[int, ...]:
        return (1, steps, len(self.bundle.manifest.labels))


def interpreter_of(bundle: Bundle, tflite: bytes) -> Any:
    """An interpreter with its tensors allocated; one thread, since a step is microseconds.

    `tflite` is the bundle's network, or what was made of it. Raises `BundleFormatError`.
    """
    make = _litert()
    try:
        with quiet_stderr():
            interpreter = make(model_content=tflite, num_threads=1)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise BundleFormatError(f"model {bundle.path}: LiteRT can't load it: {reason}") from error
    return interpreter


def _litert() -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        try:
            from tflite_runtime.interpreter import Interpreter
        except ImportError as error:
            raise RuntimeMissingError(
                "no LiteRT here: run  pip install ai-edge-litert  (on older systems tflite-runtime)"
            ) from error
    return Interpreter


def tensors_of(interpreter: Any, bundle: Bundle) -> tuple[dict[str, Any], dict[str, Any]]:
    """What goes in and what comes out, by name, as LiteRT describes it."""
    names = list(interpreter.get_signature_list())
    if len(names) != 1:
        raise BundleShapeError(f"model {bundle.path}: has {len(names)} signatures, one is needed")
    runner = interpreter.get_signature_runner(names[0])
    return runner.get_input_details(), runner.get_output_details()


def _expect(bundle: Bundle, what: str, found: dict[str, Any], wanted: set[str]) -> None:
    if odd := wanted ^ set(found):
        kind = "lacks" if odd & wanted else "has an unknown"
        raise BundleShapeError(f"model {bundle.path}: {kind} tensor {min(odd)!r} among its {what}")


def _same_shape(bundle: Bundle, name: str, detail: dict[str, Any], shape: tuple[int, ...]) -> None:
    found = tuple(int(n) for n in detail["shape"])
    if found != shape or detail["dtype"] != np.float32:
        raise BundleShapeError(
            f"model {bundle.path}: tensor {name!r} is {detail['dtype'].__name__}{list(found)}, "
            f"the manifest says float32{list(shape)}"
        )
