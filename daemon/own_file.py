"""A file of the user's own: written beside its place, then renamed; its rights from the start."""

from __future__ import annotations

import os
from pathlib import Path


def write_own(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file whole or not at all; folders above it are made for the user alone.

    Raises `OSError`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # From its first byte on nobody else may read it.
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
