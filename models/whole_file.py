"""A file is there whole or not at all: written beside its place, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path, suffix: str = "") -> Iterator[Path]:
    """Where to write what shall be at `path`; it is put there once the block has ended well.

    Each process writes a file of its own, hidden in the same folder and gone in every case.
    `suffix` is for libraries that insist on one. An `OSError` names `path`.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}{suffix}")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        if error.errno is None:  # a library's own, which says all that there is
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        beside.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write some bytes so; raises `OSError`, which names `path`."""
    with whole(path) as beside:
        beside.write_bytes(content)
