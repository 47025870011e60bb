"""A package out of Debian's archive into a folder: no root, nobody asked, nothing installed.

`apt-get download` knows the mirrors, and believes no package whose hash a signed list doesn't name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .recording import SpeechError

_UNKNOWN = ("Unable to locate package", "no installation candidate", "Can't find a source")


def must_have_apt() -> None:
    """Raises `SpeechError` where the programs for it aren't."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise SpeechError(
            "no apt-get here: this speech is in Debian's and Ubuntu's archives; "
            "install it on such a machine and bring its folder here"
        )


def download(package: str, folder: Path) -> Path:
    """The package's file, in that folder.

    Raises `SpeechError` without apt, without network, or where this release has no such package.
    """
    must_have_apt()
    folder.mkdir(parents=True, exist_ok=True)
    done = _run(["apt-get", "-q", "download", package], folder)
    if done.returncode:
        raise SpeechError(f"{package}: {_why(done.stderr, package)}")
    files = sorted(folder.glob(f"{package}_*.deb"), key=lambda p: p.stat().st_mtime_ns)
    if not files:
        raise SpeechError(f"{package}: apt-get download left no package in {folder}")
    return files[-1]


def unpack(file: Path, folder: Path) -> None:
    """Its files below a folder; raises `SpeechError` for a damaged package, which is deleted."""
    done = _run(["dpkg-deb", "-x", str(file), str(folder)], file.parent)
    if done.returncode:
        file.unlink()  # to be got anew
        raise SpeechError(f"{file.name}: can't be unpacked ({_last(done.stderr)})")


def version(file: Path) -> str:
    """The package's version; raises `SpeechError` for a damaged one."""
    done = _run(["dpkg-deb", "--field", str(file), "Version"], file.parent)
    if done.returncode:
        raise SpeechError(f"{file.name}: is no package ({_last(done.stderr)})")
    return done.stdout.strip()


def copyright_file(root: Path, package: str) -> bytes:
    """What the unpacked package says of copyright and licence; raises `SpeechError` without."""
    path = root / "usr" / "share" / "doc" / package / "copyright"
    if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        raise SpeechError(f"{package}: says nothing of its licence")
    return path.read_bytes()


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """In English, so that what went wrong can be told apart."""
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _why(said: str, package: str) -> str:
    if any(line in said for line in _UNKNOWN):
        return (
            "not in the package lists of this machine; "
            f"after  sudo apt-get update  it may be: apt-cache policy {package}"
        )
    return f"can't be got ({_last(said)}); the same command goes on from here"


def _last(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")]
    return (errors or lines or ["it doesn't say why"])[0]
