"""Layers that learn nothing for a while.

What stands above a backbone knows nothing at first, and what it sends back would spoil what the
backbone knows: so it learns alone before all do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def resting(layers: Sequence[Any]) -> Iterator[None]:
    """Meanwhile neither weights nor moving statistics of these Keras layers change."""
    could = [layer.trainable for layer in layers]
    for layer in layers:
        layer.trainable = False
    try:
        yield
    finally:
        for layer, was in zip(layers, could, strict=True):
            layer.trainable = was
