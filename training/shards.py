"""Examples on disk: made in shards, so that a kill costs one of them, and read back as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..models.errors import WakefulError
from ..models.whole_file import whole
from ..synth.progress import bar
from .examples import Examples, join
from .records import RecordError, read_records, write_records


class ShardError(WakefulError):
    """The folder holds examples of something else, or a broken shard."""


class Maker(Protocol):
    """Whoever makes examples by number, the same whatever number of processes."""

    def make(self, count: int, processes: int = 1, first: int = 0) -> list[Examples]:
        """`count` of them from number `first` on, once for each front end."""
        ...


@dataclass(frozen=True)
class Shards:
    """`count` examples of one maker in files of `size`, in a folder of their own."""

    folder: Path
    count: int
    size: int = 2_000

    def filled(
        self, recipe: dict[str, Any], maker: Maker, processes: int, say: Callable[[str], None]
    ) -> Examples:
        """All of them, those made that aren't there yet; a person is told how far it is."""
        self.begin(recipe)
        show = bar(" examples")
        self.make(maker, processes, lambda done: show(done, self.count))
        say(f"{self.folder.name}: {self.count} examples")
        return self.read()

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
        self, maker: Maker, processes: int, report: Callable[[int], None] = lambda done: None
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
        starts = range(0, self.count, self.size)
        return join([_read(self._path(at), min(self.size, self.count - at)) for at in starts])

    def _path(self, at: int) -> Path:
        return self.folder / f"examples-{at:07d}.tfrecord"


def _write(path: Path, made: Examples) -> None:
    try:
        with whole(path) as beside:
            write_records(beside, made)
    except OSError as error:
        reason = error.strerror or error
        raise ShardError(f"{path}: can't be written ({reason}); make room, run it again") from error


def _read(path: Path, count: int) -> Examples:
    try:
        return read_records(path, count)
    except (OSError, RecordError) as error:
        raise ShardError(f"{path}: not a shard of examples ({error}); take it away") from error
