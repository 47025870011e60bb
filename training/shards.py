"""Examples on disk: made in shards, so that a kill costs one of them, and read back as a whole."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import WakefulError
from ..models.whole_file import whole
from .examples import ExampleMaker, Examples, join


class ShardError(WakefulError):
    """The folder holds examples of something else, or a broken shard."""


@dataclass(frozen=True)
class Shards:
    """`count` examples of one maker in files of `size`, in a folder of their own."""

    folder: Path
    count: int
    size: int = 2_000

    def begin(self, recipe: dict[str, Any]) -> None:
        """Claim the folder for one recipe; raises `ShardError` if it is another's."""
        self.folder.mkdir(parents=True, exist_ok=True)
        label = self.folder / "recipe.json"
        text = json.dumps(recipe, indent=1, sort_keys=True) + "\n"
        if not label.is_file():
            label.write_text(text, encoding="utf-8")
        elif label.read_text(encoding="utf-8") != text:
            raise ShardError(
                f"{self.folder}: holds work of another recipe; take it away or choose another --out"
            )

    def make(
        self, maker: ExampleMaker, processes: int, report: Callable[[int], None] = lambda done: None
    ) -> None:
        """Make the shards that aren't there yet; `report` is told how many examples are."""
        for at in range(0, self.count, self.size):
            path = self._path(at)
            if not path.is_file():
                (made,) = maker.make(min(self.size, self.count - at), processes, first=at)
                _write(path, made)
            report(min(at + self.size, self.count))

    def read(self) -> Examples:
        """All of them, in order; raises `ShardError` on one that is missing or broken."""
        return join([_read(self._path(at)) for at in range(0, self.count, self.size)])

    def _path(self, at: int) -> Path:
        return self.folder / f"examples-{at:07d}.npz"


def _write(path: Path, made: Examples) -> None:
    with whole(path) as beside, beside.open("wb") as file:
        np.savez(file, **{k: v for k, v in vars(made).items() if v is not None})


def _read(path: Path) -> Examples:
    try:
        with np.load(path) as saved:
            return Examples(saved["features"], saved["labels"], saved.get("targets"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ShardError(f"{path}: not a shard of examples ({error}); take it away") from error
