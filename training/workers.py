"""Several machines fit one network: each takes its share of every batch. `TF_CONFIG` names them.

Each runs the same command on the same examples; what they draw is the same, since it comes from
the seed. Gradients are averaged over all of them at every step (`MultiWorkerMirroredStrategy`), so
the weights are the same everywhere, to the bit, and each keeps its own checkpoint. Who loses one of
them stops them all and gives the commands again: they go on from the last whole epoch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.errors import UsageError

Rows = npt.NDArray[np.intp]


class WorkersError(UsageError):
    """The machines that shall fit together don't fit together."""


@dataclass(frozen=True)
class Crew:
    """This is worker `number` of `count`."""

    number: int = 0
    count: int = 1
    strategy: Any = None

    def share(self, rows: Rows) -> Rows:
        """This worker's part of a batch."""
        return rows[self.number :: self.count]

    def mean(self, tensors: Sequence[Any]) -> list[Any]:
        """Each tensor averaged over all workers; waits for them. For use in a step."""
        if self.count == 1:
            return list(tensors)
        from ..models.tensorflow_import import tensorflow as tf

        def reduced(values: list[Any]) -> Any:
            context = tf.distribute.get_replica_context()
            # As tensors of this worker's device: from outside they come with none.
            here = [tf.identity(value) for value in values]
            return context.all_reduce(tf.distribute.ReduceOp.MEAN, here)

        return list(self.strategy.run(reduced, args=(list(tensors),)))

    def agree(self, epochs_done: int, steps: int) -> None:
        """Raises `WorkersError` unless all have as much behind them, and as much before them."""
        if self.count == 1:
            return
        from ..models.tensorflow_import import tensorflow as tf

        ours = np.array([epochs_done, steps], np.float64)
        mean, of_squares = (v.numpy() for v in self.mean([tf.constant(ours), tf.constant(ours**2)]))
        if not np.allclose(of_squares, mean**2, rtol=1e-9, atol=1e-6):
            raise WorkersError(
                f"fit: worker {self.number} has {epochs_done} epochs of {steps} steps behind it, "
                "others have another number; give all of them one recipe, the same sound and the "
                "same checkpoint, or take all checkpoints away"
            )

    def settle(self, variables: Sequence[Any]) -> None:
        """What each worker has measured on its own share (moving means) becomes everybody's."""
        floats = [v for v in variables if v.dtype == "float32"]
        if self.count > 1 and floats:
            means = self.mean([v.value for v in floats])
            for variable, mean in zip(floats, means, strict=True):
                variable.assign(mean)


@cache
def crew() -> Crew:
    """As `TF_CONFIG` says, alone without it. To be called before TensorFlow has done anything.

    Raises `WorkersError`.
    """
    told = os.environ.get("TF_CONFIG", "")
    if not told:
        return Crew()
    number, count = _place(told)
    if count == 1:
        return Crew()
    from ..models.tensorflow_import import tensorflow as tf

    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    except (RuntimeError, ValueError, tf.errors.OpError) as error:
        reason = str(error).splitlines()[0]
        raise WorkersError(
            f"TF_CONFIG: {reason}; every worker needs an address of its own"
        ) from error
    return Crew(number, count, strategy)


def _place(told: str) -> tuple[int, int]:
    """Which worker this is, and of how many."""
    try:
        config = json.loads(told)
        workers = config["cluster"]["worker"]
        number, kind = int(config["task"]["index"]), config["task"]["type"]
    except (ValueError, KeyError, TypeError) as error:
        raise WorkersError(
            'TF_CONFIG: needs {"cluster": {"worker": ["HOST:PORT", ...]}, '
            '"task": {"type": "worker", "index": 0}}'
        ) from error
    if kind != "worker" or set(config["cluster"]) != {"worker"} or not 0 <= number < len(workers):
        raise WorkersError(f"TF_CONFIG: task {kind} {number} is none of {len(workers)} workers")
    return number, len(workers)
