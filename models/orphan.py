"""A process that another one began doesn't outlive it."""

from __future__ import annotations

import ctypes
import signal

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Even in the middle of an endless task, and if the parent is killed. Linux alone knows this.

    Who counts as the parent is the thread that began this process: it has to stay.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
