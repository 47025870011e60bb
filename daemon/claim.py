"""The right to put a socket at a path: never in the place of a living one, nor of somebody's file.

ZeroMQ itself removes whatever lies where it binds. So a lock on a file beside it says that its
daemon lives; the lock goes with its process, however that ends, and what is left over is replaced.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
from pathlib import Path

from ..models.errors import WakefulError


class PlaceError(WakefulError):
    """There can be no socket at this place."""


class AlreadyRunningError(PlaceError):
    """Another daemon lives there."""


class Claim:
    """A place that is ours until `release`; raises `PlaceError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: int | None = _locked(path)
        try:
            _clear(path)
        except BaseException:
            self._unlock()
            raise

    def release(self) -> None:
        """Remove the socket and let others have its place; a second call does nothing."""
        if self._lock is not None:
            self._path.unlink(missing_ok=True)
        self._unlock()

    def _unlock(self) -> None:
        """The lock's file stays: to remove it would race with who comes next."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None


def _locked(path: Path) -> int:
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(f"{path}.lock", flags, 0o600)
    except OSError as error:
        raise PlaceError(f"{path}: no socket can be made there: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        if error.errno != errno.EWOULDBLOCK:
            raise PlaceError(f"{path}.lock: {error.strerror}") from error
        raise AlreadyRunningError(
            f"a daemon is running already, its socket is {path}; see  wakeful ctl status"
        ) from error
    return lock


def _clear(path: Path) -> None:
    """Remove what a dead daemon left; anything else stays and is told."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise PlaceError(f"{path}: is there and is no socket; remove it, or name another place")
    if is_answered(path):
        raise PlaceError(f"{path}: another program listens there; name another place")
    path.unlink(missing_ok=True)


def is_answered(path: Path) -> bool:
    """Whether a living process listens at a socket's file.

    Raises `PermissionError` if only others may ask.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.setblocking(False)
        try:
            asking.connect(os.fsencode(path))
        except BlockingIOError:
            return True  # It lives, and many are waiting for it.
        except (ConnectionError, FileNotFoundError):
            return False
    return True
