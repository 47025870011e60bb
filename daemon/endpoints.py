"""Where the sockets lie: by default in the runtime directory, where nobody else may enter.

The daemon takes the first of these that it may have, and a client the first in which a socket is:
``$RUNTIME_DIRECTORY`` (systemd's, for the unit), ``$XDG_RUNTIME_DIR/wakeful``, ``/run/wakeful``
(the system's daemon), and a folder of the user's own among the temporary files.
"""

from __future__ import annotations

import ipaddress
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..models.errors import UsageError, WakefulError
from .printable import printable
from .settings import BusSettings

Which = Literal["events", "control"]
"""The two sockets, by their keys in ``[bus]``."""

LONGEST_PATH_BYTES = 107
"""A Unix socket's address has 108 bytes, the last of them NUL."""

SYSTEM_FOLDER = Path("/run/wakeful")
_TCP = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+(?:%\w+)?)\]|(?P<host>[\w.*-]+)):(?P<port>\d{1,5})", re.ASCII
)


class EndpointError(UsageError):
    """An endpoint is no place for a socket of ours; the line says which may be."""


class RuntimeFolderError(WakefulError):
    """The folder for the sockets can't be made, or isn't ours alone."""


@dataclass(frozen=True)
class Endpoint:
    """A place that was looked at: `text` is what ZeroMQ takes."""

    text: str
    path: Path | None = None
    """The socket's file; None for TCP."""
    is_beyond: bool = False
    """Whether other machines can reach it, as far as its address tells."""
    is_numeric: bool = True
    """False for a host's name: one can connect to it, not bind it."""


def parse(text: str, which: Which) -> Endpoint:
    """An endpoint as the configuration has it; raises `EndpointError`."""
    transport, colon, address = text.partition("://")
    if colon and transport == "ipc":
        return _ipc(address, which)
    if colon and transport == "tcp":
        return _tcp(address, which)
    raise EndpointError(
        f"bus.{which}: {printable(text)!r} is no endpoint; there are ipc:///FOLDER/NAME and "
        "tcp://127.0.0.1:PORT"
    )


def _ipc(address: str, which: Which) -> Endpoint:
    if not address.startswith("/") or not address.isprintable():
        # Names that begin with @ lie in no folder: anybody could connect. Others hang on where the
        # daemon was started.
        raise EndpointError(
            f"bus.{which}: ipc://{printable(address)} is no whole path, as in ipc:///run/me/events"
        )
    if len(address.encode()) > LONGEST_PATH_BYTES:
        raise EndpointError(
            f"bus.{which}: {address} has {len(address.encode())} bytes, a socket's path may have "
            f"{LONGEST_PATH_BYTES}; set bus.{which} to a shorter one"
        )
    return Endpoint(f"ipc://{address}", Path(address))


def _tcp(address: str, which: Which) -> Endpoint:
    match = _TCP.fullmatch(address)
    port = int(match["port"]) if match else 0
    if not match or not 1 <= port <= 65_535:
        raise EndpointError(
            f"bus.{which}: tcp://{printable(address)} is no tcp://ADDRESS:PORT with a port from 1 "
            "to 65535"
        )
    host = match["six"] or {"localhost": "127.0.0.1", "*": "0.0.0.0"}.get(
        match["host"], match["host"]
    )
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return Endpoint(f"tcp://{host}:{port}", is_beyond=True, is_numeric=False)
    shown = f"[{host}]" if match["six"] else host
    return Endpoint(f"tcp://{shown}:{port}", is_beyond=not is_loopback)


def to_bind(settings: BusSettings, which: Which) -> Endpoint:
    """Where the daemon's socket shall be; makes the folder of the default one.

    Raises `EndpointError` or `RuntimeFolderError`.
    """
    named: str = getattr(settings, which)
    if named:
        return parse(named, which)
    return _ipc(str(runtime_folder() / _file_name(which)), which)


def to_connect(settings: BusSettings, which: Which) -> Endpoint | None:
    """Where a client finds the daemon's socket; None while there is none in any of the places.

    Raises `EndpointError`.
    """
    named: str = getattr(settings, which)
    if named:
        return parse(named, which)
    there = [path for path in _files(which) if _is_there(path)]
    # Another user's daemon is found too, to be named, but not in the place of one's own.
    there.sort(key=lambda path: not os.access(path, os.W_OK))
    return _ipc(str(there[0]), which) if there else None


def expected(settings: BusSettings, which: Which) -> str:
    """Where a client would look first, in words for people."""
    return getattr(settings, which) or f"ipc://{next(_files(which))}"


def runtime_folder() -> Path:
    """The folder for the daemon's sockets, made if need be; raises `RuntimeFolderError`."""
    if named := _of_the_unit():
        return named
    if (desktop := _of_the_desktop()) and _is_ours(desktop.parent):
        return _made(desktop)
    if _is_ours(SYSTEM_FOLDER):
        return SYSTEM_FOLDER
    return _made(_of_the_user())


def _files(which: Which) -> Iterator[Path]:
    for folder in (_of_the_unit(), _of_the_desktop(), SYSTEM_FOLDER, _of_the_user()):
        if folder:
            yield folder / _file_name(which)


def _file_name(which: Which) -> str:
    return f"{which}.sock"


def _of_the_unit() -> Path | None:
    # A unit may have several, separated by colons.
    first = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(first) if first else None


def _of_the_desktop() -> Path | None:
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(folder, "wakeful") if folder.startswith("/") else None


def _of_the_user() -> Path:
    return Path(tempfile.gettempdir(), f"wakeful-{os.geteuid()}")


def _is_there(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except PermissionError:
        return True  # Something is, behind a folder that we may not enter: connecting says so.
    except OSError:
        return False


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _made(folder: Path) -> Path:
    """A folder that is ours alone, whoever may write above it."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise RuntimeFolderError(f"folder {folder} for sockets: {error.strerror}") from error
    if not _is_ours(folder) or stat.S_IMODE(found.st_mode) & 0o077:
        raise RuntimeFolderError(
            f"folder {folder} for sockets must be yours alone: chmod 700 it, or, if it is another "
            "user's, set bus.events and bus.control to places of your own"
        )
    return folder
