"""Every older command network on every feature that it may be given, on the same clips."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..models.errors import WakefulError
from ..models.whole_file import write_whole
from ..synth.collection import shown
from .classify import Recipe
from .command_data import CommandData, read_command_data
from .command_features import FEATURES, HEARD_BY
from .command_fit import CommandFit, Row, fitted_row, prepared_sides
from .train_options import Say

PUBLISHED = {
    "commands-dense": "0.6226 to 0.6817",
    "commands-cnn": "0.8389 to 0.8447",
    "commands-vgg": "0.8668 to 0.8865",
}
"""Shares right of the whole data set's test side, as its authors' systems were published."""


class CompareError(WakefulError):
    """The folder holds another comparison."""


@dataclass(frozen=True)
class CompareRequest:
    """What to compare, on what, and where it is kept."""

    data: Path
    out: Path
    networks: Sequence[str] = tuple(HEARD_BY)
    """In this order, and in the table's."""
    features: Sequence[str] = tuple(FEATURES)
    recipe: Recipe = dataclasses.field(default_factory=Recipe)
    seed: int = 1

    def grid(self) -> list[tuple[str, str]]:
        """(network, feature)."""
        heard = [(name, feature) for name in self.networks for feature in HEARD_BY[name]]
        return [(name, feature) for name, feature in heard if feature in self.features]

    @property
    def work(self) -> Path:
        """The folder of half-made things."""
        return self.out / ".commands-work"


@dataclass(frozen=True)
class Compared:
    """The table, and what it was measured on."""

    rows: tuple[Row, ...]
    clips: dict[str, int]
    speakers: int
    by: str
    left_out: int


def compare_commands(request: CompareRequest, say: Say) -> Compared:
    """Fit and measure whatever isn't there yet; raises `WakefulError`."""
    data = read_command_data(request.data, request.seed)
    _begin(request, data)
    counts = data.counts()
    say(f"{shown(request.data)}: {counts}, split by {data.by}")
    rows, left_out = [], 0
    for number, (network, feature) in enumerate(request.grid(), 1):
        say(f"{number} of {len(request.grid())}: {network} on {feature}")
        row, bad = _row(request, data, network, feature, say)
        rows.append(row)
        left_out = max(left_out, bad)
    people = {c.person for clips in data.sides.values() for c in clips}
    return Compared(tuple(rows), dict(counts), len(people), data.by, left_out)


def _row(
    request: CompareRequest, data: CommandData, network: str, feature: str, say: Say
) -> tuple[Row, int]:
    """From its file where it was measured before."""
    sides = prepared_sides(data, feature, request.work, request.seed, say)
    fit = CommandFit(network, feature, request.recipe, request.seed, request.work)
    kept = request.work / f"{fit.name}.row.json"
    if kept.is_file():
        return msgspec.json.decode(kept.read_bytes(), type=Row), len(sides.bad)
    _, row = fitted_row(fit, sides, say)
    write_whole(kept, msgspec.json.encode(row))
    # Weights and moments of seventeen million parameters are not needed any more.
    (request.work / f"{fit.name}.fit.npz").unlink(missing_ok=True)
    say(f"{fit.name}: {row.test:.4f} of the test side right")
    return row, len(sides.bad)


def _begin(request: CompareRequest, data: CommandData) -> None:
    """Raises `CompareError` for a folder that was begun with other data or another recipe."""
    ours = {
        "data": str(request.data.resolve()),
        "clips": data.counts(),
        "seed": request.seed,
        "recipe": dataclasses.asdict(request.recipe),
    }
    kept = request.work / "order.json"
    request.work.mkdir(parents=True, exist_ok=True)
    if not kept.is_file():
        write_whole(kept, json.dumps(ours).encode())
    elif json.loads(kept.read_bytes()) != ours:
        raise CompareError(
            f"{request.work}: was begun with other data or another recipe; "
            "give another --out or take it away"
        )
