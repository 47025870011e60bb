"""A step for one stream turned into a step for many, without the network that it was made from.

The graph is rewritten, not run otherwise: every tensor that flows gets an axis for the streams in
front, and what named its shape (reshapes, slices, splits, joins) is told so. Weights stay what they
are, to the bit, and are multiplied with many streams' rows in one go. Rows are quantised one by
one, so that no stream can be told by another's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import WakefulError

_POINTWISE = {
    "ADD", "SUB", "MUL", "DIV", "LOGISTIC", "TANH", "RELU", "RELU6", "MINIMUM", "MAXIMUM",
}  # fmt: skip
_UNTOUCHED = {"CONV_2D", "DEPTHWISE_CONV_2D"}
"""Their streams lie where a batch of pictures does."""


class WideningError(WakefulError):
    """The step can't be turned into one for many streams: run them one after another."""


def widened(tflite: bytes, streams: int) -> bytes:
    """The same step over `streams` streams: each named tensor [1, ...] becomes [streams, ...].

    A tensor [a, b] becomes [streams, a, b], but one whose first axis is 1 in a named input or
    output stays as flat as it was. Raises `WideningError` for an operation that isn't known, and
    where LiteRT came without its schema.
    """
    schema = _schema()
    model = schema.ModelT.InitFromPackedBuf(tflite, 0)
    if len(model.subgraphs) != 1:
        raise WideningError(f"network: {len(model.subgraphs)} graphs in one step; 1 can be widened")
    _Widening(schema, model, streams).run()
    return _packed(schema, model)


def _schema() -> Any:
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError as error:
        raise WideningError(
            "network: this LiteRT brings no schema; run  pip install -U ai-edge-litert"
        ) from error
    return schema_py_generated


def _packed(schema: Any, model: Any) -> bytes:
    import flatbuffers

    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


class _Widening:
    """One rewriting of one graph, in place."""

    def __init__(self, schema: Any, model: Any, streams: int) -> None:
        self._schema, self._model, self._streams = schema, model, streams
        self._graph = model.subgraphs[0]
        self._names = {
            code: name
            for name, code in vars(schema.BuiltinOperator).items()
            if not name.startswith("_")
        }

    def run(self) -> None:
        """Flowing tensors first, then what the operations know of their shapes."""
        flowing = {int(t) for op in self._graph.operators for t in op.outputs}
        self._flowing = flowing | {int(t) for t in self._graph.inputs}
        for number in self._flowing:
            tensor = self._graph.tensors[number]
            tensor.shape = self._wide(list(tensor.shape))
            tensor.shapeSignature = None
        operators, self._graph.operators = self._graph.operators, []
        for op in operators:
            self._rewrite(op)

    def _wide(self, shape: list[int]) -> list[int]:
        """[a, b] to [streams, a, b]; [1, a, b, ...] to [streams, a, b, ...]."""
        if len(shape) == 2:
            return [self._streams, *shape]
        if len(shape) < 2 or shape[0] != 1:
            raise WideningError(f"network: a tensor of shape {shape} has no place for streams")
        return [self._streams, *shape[1:]]

    def _rewrite(self, op: Any) -> None:
        op.inputs, op.outputs = ([int(t) for t in ends] for ends in (op.inputs, op.outputs))
        code = self._model.operatorCodes[op.opcodeIndex]
        name = self._names[max(code.builtinCode, code.deprecatedBuiltinCode)]
        if name == "FULLY_CONNECTED":
            self._keep_axes(op)
            return
        change = getattr(self, f"_{name.lower()}", None)
        if change:
            change(op)
        elif name not in _POINTWISE | _UNTOUCHED:
            raise WideningError(f"network: {name} isn't among the operations that can be widened")
        self._graph.operators.append(op)

    def _reshape(self, op: Any) -> None:
        shape = list(self._graph.tensors[op.outputs[0]].shape)
        op.inputs[1] = self._constant(shape)
        if op.builtinOptions:
            op.builtinOptions.newShape = shape

    def _concatenation(self, op: Any) -> None:
        if op.builtinOptions.axis >= 0 and self._rank(op.outputs[0]) == 3:
            op.builtinOptions.axis += 1

    def _split(self, op: Any) -> None:
        axis = int(self._values(op.inputs[0])[0])
        if axis >= 0 and self._rank(op.inputs[1]) == 3:
            op.inputs[0] = self._constant(axis + 1, scalar=True)

    def _strided_slice(self, op: Any) -> None:
        options = op.builtinOptions
        if options.ellipsisMask or options.newAxisMask or options.shrinkAxisMask:
            raise WideningError("network: a slice that changes the number of axes can't be widened")
        for place, first in ((1, 0), (2, self._streams), (3, 1)):
            op.inputs[place] = self._constant([first, *self._values(op.inputs[place]).tolist()])
        options.beginMask <<= 1
        options.endMask <<= 1

    def _keep_axes(self, op: Any) -> None:
        """A product keeps the axes of what it is fed; where they were flattened, they are after it.

        Its rows are then quantised one by one, as they were.
        """
        fed = list(self._graph.tensors[op.inputs[0]].shape)
        out = op.outputs[0]
        wanted = list(self._graph.tensors[out].shape)
        op.builtinOptions.keepNumDims = True
        self._graph.operators.append(op)
        if [*fed[:-1], wanted[-1]] != wanted:
            between = self._tensor([*fed[:-1], wanted[-1]], self._graph.tensors[out].type)
            op.outputs[0] = between
            self._graph.operators.append(self._reshaped(between, out, wanted))

    def _reshaped(self, fed: int, out: int, shape: list[int]) -> Any:
        op = self._schema.OperatorT()
        op.opcodeIndex = self._code("RESHAPE")
        op.inputs, op.outputs = [fed, self._constant(shape)], [out]
        op.builtinOptionsType = self._schema.BuiltinOptions.ReshapeOptions
        op.builtinOptions = self._schema.ReshapeOptionsT()
        op.builtinOptions.newShape = shape
        return op

    def _code(self, name: str) -> int:
        wanted = getattr(self._schema.BuiltinOperator, name)
        for number, code in enumerate(self._model.operatorCodes):
            if max(code.builtinCode, code.deprecatedBuiltinCode) == wanted:
                return number
        code = self._schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = wanted
        code.version = 1
        self._model.operatorCodes.append(code)
        return len(self._model.operatorCodes) - 1

    def _rank(self, number: int) -> int:
        return len(self._graph.tensors[number].shape)

    def _values(self, number: int) -> npt.NDArray[np.int32]:
        content = self._model.buffers[self._graph.tensors[number].buffer].data
        if number in self._flowing or content is None:
            raise WideningError("network: a shape that is computed can't be widened")
        return np.frombuffer(bytes(content), np.int32)

    def _constant(self, values: int | list[int], scalar: bool = False) -> int:
        """A new tensor: the old one may be shared by operations that need it as it is."""
        array = np.asarray(values, np.int32)
        buffer = self._schema.BufferT()
        buffer.data = np.frombuffer(array.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        number = self._tensor([] if scalar else [array.size], self._schema.TensorType.INT32)
        self._graph.tensors[number].buffer = len(self._model.buffers) - 1
        return number

    def _tensor(self, shape: list[int], kind: int) -> int:
        tensor = self._schema.TensorT()
        tensor.shape, tensor.type, tensor.buffer = shape, kind, 0
        tensor.name = f"many/{len(self._graph.tensors)}".encode()
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1
