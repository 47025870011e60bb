"""One older command network from a data set: fitted once, or once for each fold of its speakers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import UsageError
from .classify import Recipe
from .command_data import CommandData, command_folds, read_command_data, undivided
from .command_features import HEARD_BY
from .command_fit import CommandFit, Row, fitted_row, prepared_sides, save_network
from .corpora import read_corpus
from .train_options import Say


@dataclass(frozen=True)
class CommandRequest:
    """What was asked for; `folds` 0: once, on the data set's own split or one by speakers."""

    network: str
    data: Path
    out: Path
    feature: str = ""
    recipe: Recipe = field(default_factory=Recipe)
    folds: int = 0
    seed: int = 1
    command: str = ""

    @property
    def work(self) -> Path:
        """The folder of half-made things."""
        return self.out / f".{self.network}-work"


def train_command_network(request: CommandRequest, say: Say) -> list[Row]:
    """A row for the fit, or one for each fold; of a single fit the network is kept in `out`.

    Raises `UsageError` for features that the network isn't given, `CorpusError` for the data.
    """
    feature = request.feature or HEARD_BY[request.network][0]
    if feature not in HEARD_BY[request.network]:
        raise UsageError(
            f"--features {feature}: {request.network} takes {', '.join(HEARD_BY[request.network])}"
        )
    request.work.mkdir(parents=True, exist_ok=True)
    if request.folds:
        return [_fitted(request, data, feature, work, say)[1] for work, data in _folds(request)]
    data = read_command_data(request.data, request.seed)
    say(f"{request.data}: {data.counts()}, split by {data.by}")
    model, row = _fitted(request, data, feature, request.work, say)
    told = {"command": request.command, "recipe": asdict(request.recipe), "split": data.by}
    say(str(save_network(request.out / f"{request.network}-{feature}", model, row, told)))
    return [row]


def _folds(request: CommandRequest) -> Iterator[tuple[Path, CommandData]]:
    """Each part of the speakers once as the test side; a tenth of the others chooses nothing."""
    rng = np.random.default_rng(request.seed)
    corpus = read_corpus(request.data)
    parts = command_folds(undivided(corpus, rng), request.folds, request.seed)
    for number, test in enumerate(parts):
        following = parts[(number + 1) % len(parts)]
        rest = [clip for part in parts for clip in part if part not in (test, following)]
        sides: Any = {"train": rest or following, "validation": following, "test": test}
        yield request.work / f"fold{number}", CommandData(sides, corpus.noise, "speaker")


def _fitted(
    request: CommandRequest, data: CommandData, feature: str, work: Path, say: Say
) -> tuple[Any, Row]:
    sides = prepared_sides(data, feature, work, request.seed, say)
    fit = CommandFit(request.network, feature, request.recipe, request.seed, work)
    return fitted_row(replace(fit, work=work), sides, say)
