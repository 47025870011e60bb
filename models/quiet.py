"""Keeps libraries from writing on the process's standard error, which is for our own lines."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """File descriptor 2 leads nowhere meanwhile: what C code greets or warns with is dropped."""
    if sys.stderr is None:  # closed before we began: there is nothing to keep quiet
        yield
        return
    sys.stderr.flush()
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
