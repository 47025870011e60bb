"""All recognizers on the same speech: a table by rank, and their loss curves in one picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..models.whole_file import write_whole
from .asr import DEFAULT, AsrRequest, Say, Trained, train_asr
from .asr_command import OLDER
from .asr_score import Misread

NETWORKS = (*OLDER, DEFAULT)
PICTURE, TABLE, RESULTS = "asr-losses.png", "asr-comparison.md", "asr-comparison.json"
PAGE = "asr-comparison.html"
HEADINGS = ("", "network", "parameters", "loss", "characters wrong", "words wrong")


@dataclass(frozen=True)
class Result:
    """One network's row. Error rates are None where nothing was held out."""

    name: str
    parameters: int
    losses: tuple[float, ...]
    characters: float | None
    words: float | None
    worst: list[Misread] = field(default_factory=list)
    """What it read worst; an older run kept none."""

    @property
    def rank(self) -> tuple[float, float]:
        """By errors a character, then by loss."""
        worst = 9.0 if self.characters is None else self.characters
        return worst, self.losses[-1] if self.losses else float("inf")


def compare_asr(request: AsrRequest, networks: Sequence[str], say: Say) -> list[Result]:
    """Train and measure what isn't yet; returns all, the best first.

    Of a run that was stopped what was done is kept in `RESULTS`, network by network.
    """
    request.out.mkdir(parents=True, exist_ok=True)
    done = _done(request.out / RESULTS)
    for name in networks:
        if name in done:
            say(f"{name}: is done")
            continue
        trained = train_asr(replace(request, name=name, out=request.out / name), say)
        done[name] = _result(trained)
        _keep(request.out / RESULTS, done)
    ranked = sorted((done[name] for name in networks), key=lambda result: result.rank)
    write_whole(request.out / TABLE, (table(ranked) + "\n").encode())
    return ranked


def _result(trained: Trained) -> Result:
    rates = trained.rates
    return Result(
        trained.name,
        trained.parameters,
        tuple(round(loss, 4) for loss in trained.losses),
        rates.characters if rates else None,
        rates.words if rates else None,
        list(trained.worst),
    )


def _done(path: Path) -> dict[str, Result]:
    if not path.is_file():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {row["name"]: _result_of(row) for row in rows}


def _result_of(row: dict[str, Any]) -> Result:
    worst = [Misread(**misread) for misread in row.get("worst", ())]
    return Result(**row | {"losses": tuple(row["losses"]), "worst": worst})


def _keep(path: Path, done: dict[str, Result]) -> None:
    rows = [asdict(result) for result in done.values()]
    write_whole(path, json.dumps(rows, indent=1).encode() + b"\n")


def table(ranked: Sequence[Result]) -> str:
    """In Markdown, the best first."""
    lines = []
    for number, result in enumerate(ranked, 1):
        place, name, *rest = cells(number, result)
        lines.append(f"| {' | '.join((place, f'`{name}`', *rest))} |")
    head = f"| {' | '.join(HEADINGS)} |".replace("|  |", "| |")
    return "\n".join([head, "|--:|---|--:|--:|--:|--:|", *lines])


def cells(place: int, r: Result) -> tuple[str, ...]:
    """One line of the table."""
    loss = f"{r.losses[-1]:.3f}" if r.losses else "–"
    shares = (_percent(r.characters), _percent(r.words))
    return (f"{place}", r.name, f"{r.parameters:,}", loss, *shares)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def draw_losses(ranked: Sequence[Result], path: Path) -> None:
    """Every network's loss along its fit; raises `PictureError`."""
    from .drawing import new_figure, save_figure

    figure, axes = new_figure(8, 4.5)
    for result in ranked:
        along = np.linspace(0, 100, len(result.losses) + 1)[1:]
        axes.plot(along, result.losses, label=result.name, marker=_mark(result.losses))
    axes.set(xlabel="% of the fit", ylabel="loss, nats a symbol", yscale="log")
    axes.legend()
    axes.grid(alpha=0.3)
    save_figure(figure, path)


def _mark(losses: Sequence[float]) -> Any:
    """A line of one point would not be seen."""
    return "o" if len(losses) < 3 else None
