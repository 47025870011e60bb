"""A file of the user's own: written beside its place, then renamed; its rights from the start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from ..models.whole_file import whole


def write_own(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file whole or not at all; folders above it are made for the user alone.

    Raises `OSError`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with whole(path) as beside, _private(beside) as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _private(path: Path) -> BinaryIO:
    """Opened for writing; from its first byte on nobody else may read it."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
