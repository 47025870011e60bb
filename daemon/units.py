"""The systemd units: as shipped, filled in for this installation, and where they belong."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from ..models.errors import WakefulError

# Beside the package, in a wheel as in a checkout.
SHIPPED = Path(__file__).parents[1] / "systemd"
NAME = "wakeful.service"
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")
"""What the system's unit hides from its program (ProtectHome, PrivateTmp)."""


class UnitError(WakefulError):
    """A unit can't be put in place; the line says what to do instead."""


@dataclass(frozen=True)
class File:
    """A file that belongs to an installed service."""

    path: Path
    content: str


def program() -> Path:
    """This installation's `wakeful`; raises `UnitError` where there is none."""
    path = Path(sys.executable).with_name("wakeful")
    if not path.is_file():
        raise UnitError(f"{path}: isn't there; install wakeful with pip or pipx, and ask again")
    return path


def system_files(wakeful: Path, root: Path = Path("/")) -> list[File]:
    """The system's unit, its user and its folders.

    Raises `UnitError` if the unit would hide this installation from itself.
    """
    for needed in {wakeful.resolve(), Path(sys.executable).resolve()}:
        if any(needed.is_relative_to(hidden) for hidden in _HIDDEN):
            raise UnitError(
                f"{needed} can't be run by a system service, which sees no home and no /tmp: "
                "install wakeful into /opt, or take  wakeful service install --user"
            )
    return [
        File(root / "etc/systemd/system" / NAME, unit("wakeful.service", wakeful)),
        File(root / "etc/sysusers.d/wakeful.conf", _shipped("sysusers.conf")),
        File(root / "etc/tmpfiles.d/wakeful.conf", _shipped("tmpfiles.conf")),
    ]


def user_files(wakeful: Path) -> list[File]:
    """The unit of the user who asks."""
    config = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    return [File(Path(config, "systemd/user", NAME), unit("user/wakeful.service", wakeful))]


def unit(name: str, wakeful: Path) -> str:
    """A shipped unit that starts this program."""
    start = f"ExecStart={quoted(str(wakeful))} daemon"
    text, count = re.subn(r"(?m)^ExecStart=.*$", lambda _: start, _shipped(name))
    assert count == 1
    return text


def quoted(path: str) -> str:
    """A path as the first word of ExecStart, where % and, within quotes, backslashes mean much."""
    text = path.replace("%", "%%")
    if not re.search(r"[\s\"'\\;$]", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shipped(name: str) -> str:
    return (SHIPPED / name).read_text(encoding="utf-8")
