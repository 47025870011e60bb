"""The page ``docs/benchmarks.md`` and its pictures, from the figures that a run has kept."""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import page_tables as tables
from engines import ENGINES
from judged import LIMIT_PER_HOUR, Judged, Loss, losses, read_judged
from own_words import waked_falsely
from page_pictures import draw_conditions, draw_cost, draw_det, draw_scale
from verdict import Verdict, verdict_rows
from wakeful.models.whole_file import write_whole

_HIDDEN = {"--results", "--again", "--numpy-1", "--page", "--note"}
_FLAGS = {"--more"}


def write_page(options: argparse.Namespace, verdicts: list[Verdict]) -> None:
    """The page, and its pictures beside it."""
    kept = {p: options.results / f"{p}.json" for p in ("cost", "command", "scale", "own")}
    found = {part: _read(path) for part, path in kept.items() if path.is_file()}
    words = read_judged(options.results)
    folder = options.page.parent
    draw_cost(folder / "benchmarks-cost.png", found["cost"])
    draw_scale(folder / "benchmarks-streams.png", found["scale"])
    for judged in words:
        draw_det(folder / f"benchmarks-det-{judged.word}.png", judged)
        if judged.noises:
            draw_conditions(folder / f"benchmarks-noise-{judged.word}.png", judged)
    parts = [_head(), _where_we_lose(found, words), _cost(found), _command(verdicts, found["cost"])]
    parts += [_own(found["own"])] if "own" in found else []
    parts += [_word(judged) for judged in words]
    parts += [_scale(found), _measured(found, options.note), _method()]
    write_whole(options.page, "\n".join(parts).encode())


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _head() -> str:
    return (
        "# Side by side with the peers\n\n"
        f"Written by one command, all of it:\n\n    {_command_line()}\n\n"
        "Compare ratios, not microseconds: those are of one machine on one day. How each figure is "
        "taken stands at the end, where the time goes in [cost](cost.md).\n"
    )


def _command_line() -> str:
    """What was typed, the folders by their last names: where they lay is nobody's business."""
    shown: list[str] = []
    given = iter(sys.argv[1:])
    for argument in given:
        if argument in _HIDDEN:
            next(given, None)
        elif argument not in _FLAGS:
            shown.append(Path(argument).name if "/" in argument else argument)
    return f"make bench ARGS={shlex.quote(shlex.join(shown))}" if shown else "make bench"


def _where_we_lose(found: tables.Found, words: Sequence[Judged]) -> str:
    lines = [f"- {_loss(loss)}" for judged in words for loss in losses(judged)]
    lines += [f"- {line}" for line in _woken(found["own"])] if "own" in found else []
    lines += [f"- {line}" for line in _dearer(found["cost"])]
    said = "\n".join(lines) or "- Nowhere, in what is measured here."
    return f"## Where we lose\n\n{said}\n"


def _woken(own: dict[str, Any]) -> Iterator[str]:
    """Who is woken less often by talk without the word, if anybody is."""
    rates = waked_falsely(own)
    ours = rates.pop("wakeful")
    name, best = min(rates.items(), key=lambda pair: pair[1].fired)
    if best.fired < ours.fired:
        yield (
            f"**woken by nobody**: {tables.rate(ours)} false accepts an hour of "
            f"“{own['engines']['wakeful']['word']}”, {name} {tables.rate(best)} of "
            f"“{own['engines'][name]['word']}”."
        )


def _dearer(cost: dict[str, Any]) -> Iterator[str]:
    """Where some peer costs less than we do."""
    told, heard = cost["engines"], cost["heard"]
    speech = {
        n: {k: statistics.median(a[k] for a in v) for k in v[0]} for n, v in heard["speech"].items()
    }
    measures = {
        "peak memory": ({n: v["peak_rss_mb"] for n, v in speech.items()}, "MB"),
        "the dearest chunk of speech": ({n: v["worst_chunk_ms"] for n, v in speech.items()}, "ms"),
        "CPU from start to ready": ({n: v["ready_cpu_s"] for n, v in told.items()}, "s"),
    }
    for kind, row in heard.items():
        cpu = {n: 1e6 * statistics.median(a["cpu_s"] for a in v) for n, v in row.items()}
        measures[f"CPU for a second of {kind}"] = (cpu, "µs")
    for what, (values, unit) in measures.items():
        least = min(values, key=values.__getitem__)
        if least != "wakeful":
            ours, theirs = values["wakeful"], values[least]
            yield f"**{what}**: {ours:.3g} {unit}, and {least} takes {theirs:.3g} {unit}."


def _loss(loss: Loss) -> str:
    sure = "" if loss.is_sure else " (The intervals overlap.)"
    return (
        f"**“{loss.word}”, {loss.condition}**, at no more than {tables.accepts(loss.per_hour)} an "
        f"hour: {tables.miss(loss.ours)} missed, {loss.engine} {tables.miss(loss.theirs)}.{sure}"
    )


def _cost(found: tables.Found) -> str:
    cost = found["cost"]
    absent = ", ".join(name for name in ENGINES if name not in cost["engines"])
    return (
        "## What listening costs\n\n"
        + (f"Not run here: {absent}.\n\n" if absent else "")
        + f"{tables.cpu_rows(cost)}\n"
        f"The median of {sum(cost['rounds'])} rounds of {cost['seconds']:.0f} s (the least and the "
        "most), and how many times what the cheapest peer takes.\n\n"
        "![CPU for a second of speech](benchmarks-cost.png)\n\n"
        f"{tables.process_rows(cost)}"
    )


def _command(verdicts: list[Verdict], cost: dict[str, Any]) -> str:
    return (
        "## What we demand of ourselves\n\n"
        f"{verdict_rows(verdicts)}\n"
        "Each ratio is of what ours and theirs took within one round, side by side: the median "
        f"of {sum(cost['rounds'])} rounds, and in brackets the least and the most of the sittings' "
        "own medians and a tenth beyond, which is what another day or another core may add. They "
        f"were taken in {len(cost['sittings'])} sittings ({', '.join(cost['sittings'])}), every "
        "engine started anew for each: the command with `--more` adds one. Whether yours lie "
        "within the brackets, `make bench ARGS='--speech FOLDER --check'` tells in five minutes. "
        "Memory and start-up are told by the `wakeful` command itself as it ends; growth is the "
        "difference of the memory in use between the first tenth and the end.\n"
    )


def _own(own: dict[str, Any]) -> str:
    return (
        "## Woken by nobody\n\n"
        f"{own['seconds'] / 3600:.2f} h of people who talk of other things, each engine listening "
        "for its own word, as it is shipped:\n\n"
        f"{tables.own_rows(own)}"
    )


def _word(judged: Judged) -> str:
    name = judged.word
    least = min(judged.words(c) for c, _ in judged.conditions)
    return (
        f"## The word {name}: misses and false accepts\n\n"
        f"{judged.words('clean')} recordings of people, {judged.hours:.2f} h of sound without the "
        f"word.\n\n{tables.limit_rows(judged)}\n"
        f"![Misses against false accepts](benchmarks-det-{name}.png)\n\n"
        f"Each engine at the point that keeps to {tables.accepts(LIMIT_PER_HOUR)} an hour, through "
        f"each condition ({least} of the recordings, the clean ones all):\n\n"
        f"{tables.condition_rows(judged)}\n"
        + (f"![Misses under noise](benchmarks-noise-{name}.png)\n" if judged.noises else "")
    )


def _scale(found: tables.Found) -> str:
    scale = found["scale"]
    real = [
        f"{row['streams']} streams as their sound came took {100 * row['share']:.0f} % of the "
        f"core; a round of 60 ms was done {1_000 * row['median_s']:.0f} ms after its last sample, "
        f"99 of 100 within {1_000 * row['p99_s']:.0f} ms."
        for row in scale["real_time"]
    ]
    return (
        "## Many streams on one core\n\n"
        "Speech without a pause in every stream, one process, one core:\n\n"
        f"{tables.scale_rows(scale)}\n"
        "![CPU by the number of streams](benchmarks-streams.png)\n\n"
        f"{tables.straightness(scale)}\n\n"
        f"{' '.join(real)}\n\n"
        "A process for each stream instead, memory that they share counted once:\n\n"
        f"{tables.apart_rows(scale)}\n"
        "And by what one process of each engine costs:\n\n"
        f"{tables.peer_rows(found['cost'])}\n"
        "How it is done, and `wakeful scan`: [many streams](many.md).\n"
    )


def _measured(found: tables.Found, note: str) -> str:
    rows = []
    for part in found:
        before, after = found[part]["before"], found[part]["after"]
        rows.append([part, before["date"], f"{before['load']:.1f} to {after['load']:.1f}"])
    m = found["cost"]["before"]
    versions = ", ".join(f"{name} {number}" for name, number in m["versions"].items())
    return (
        "## The machine\n\n"
        f"{m['processor']}, {m['cores']} cores, {m['system']}, Python {m['python']}; "
        f"{versions}.\n\n"
        f"{tables.table(('part', 'day', 'load average, before and after'), rows)}"
        + (f"\n{note}\n" if note else "")
    )


def _method() -> str:
    return Path(__file__).with_name("method.md").read_text(encoding="utf-8")
