"""The tables of the page, as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from judged import LIMIT_PER_HOUR, LIMITS_PER_HOUR, Judged
from own_words import waked_falsely
from rates import Operating

Found = dict[str, dict[str, Any]]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lines of a table; the first column's cells are what the others are of."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cpu_rows(cost: dict[str, Any]) -> str:
    """Microseconds of CPU for a second of each sound: median, range, and how often the cheapest."""
    names = list(cost["engines"])
    rows = []
    for kind, row in cost["heard"].items():
        times = {n: [1e6 * a["cpu_s"] for a in row[n]] for n in names}
        least = min(statistics.median(t) for n, t in times.items() if n != "wakeful")
        rows.append([kind, *(_cpu_cell(times[n], least) for n in names)])
    return table(["CPU for a second of", *names], rows)


def _cpu_cell(times: Sequence[float], least: float) -> str:
    middle = statistics.median(times)
    return f"{middle:.0f} µs ({min(times):.0f}–{max(times):.0f}), {middle / least:.2f}×"


def process_rows(cost: dict[str, Any]) -> str:
    """Chunk, worst chunk, start and memory of each engine's process."""
    told = cost["engines"]
    speech = cost["heard"]["speech"]
    facts: list[tuple[str, Callable[[str], str]]] = [
        ("version", lambda n: str(told[n]["version"])),
        ("Python, numpy", lambda n: f"{told[n]['python']}, {told[n]['numpy']}"),
        ("word", lambda n: f"“{told[n]['word']}”"),
        ("natural chunk", lambda n: f"{told[n]['chunk_samples'] / 16:.0f} ms"),
        ("dearest chunk of speech", lambda n: f"{_middle(speech[n], 'worst_chunk_ms'):.2f} ms"),
        ("CPU from start to ready", lambda n: f"{told[n]['ready_cpu_s']:.2f} s"),
        ("peak memory", lambda n: f"{_middle(speech[n], 'peak_rss_mb'):.0f} MB"),
    ]
    return table(["", *told], [[fact, *(cell(n) for n in told)] for fact, cell in facts])


def _middle(answers: Sequence[dict[str, Any]], what: str) -> float:
    return float(statistics.median(a[what] for a in answers))


def percent(share: float) -> str:
    """With one decimal."""
    return f"{100 * share:.1f} %"


def accepts(count: float) -> str:
    """So many false accepts, in words."""
    return f"{count:g} false accept{'' if count == 1 else 's'}"


def miss(o: Operating | None) -> str:
    """A miss rate with its interval."""
    if o is None:
        return "–"
    low, high = o.miss_interval
    return f"{percent(o.miss_rate)} ({100 * low:.1f}–{100 * high:.1f})"


def rate(o: Operating | None) -> str:
    """False accepts an hour with their interval."""
    if o is None:
        return "–"
    low, high = o.per_hour_interval
    return f"{o.per_hour:.2f} ({low:.2f}–{high:.2f})"


def limit_rows(judged: Judged) -> str:
    """Misses on clean words at each limit, at what is shipped, and where errors are equal."""
    rows = [
        [f"missed at ≤ {limit:g}/h", *(miss(judged.at(e, "clean", limit)) for e in judged.engines)]
        for limit in LIMITS_PER_HOUR
    ]
    own = {e: judged.own(e) for e in judged.engines}
    rows.append(["missed as shipped", *(miss(own[e]) for e in judged.engines)])
    rows.append(["false accepts an hour as shipped", *(rate(own[e]) for e in judged.engines)])
    equal = [judged.equal_error(e) for e in judged.engines]
    rows.append(["equal-error rate", *("–" if v is None else percent(v) for v in equal)])
    return table([f"“{judged.word}”", *judged.engines], rows)


def own_rows(own: dict[str, Any]) -> str:
    """False accepts of each engine's own word."""
    rows = [
        [name, f"“{own['engines'][name]['word']}”", str(o.fired), rate(o)]
        for name, o in waked_falsely(own).items()
    ]
    return table(["engine", "its word", "false accepts", "an hour"], rows)


def condition_rows(judged: Judged) -> str:
    """Misses under each condition, at the limit."""
    rows = [
        [name, *(miss(judged.at(e, name, LIMIT_PER_HOUR)) for e in judged.engines)]
        for name, _ in judged.conditions
    ]
    return table([f"missed at ≤ {LIMIT_PER_HOUR:g}/h", *judged.engines], rows)


def scale_rows(found: dict[str, Any]) -> str:
    """Streams in one process: CPU and memory of each, and how many one core bears."""
    rows = []
    for row in found["together"]:
        middle = statistics.median(row["cpu_s"])
        low, high = 1e6 * min(row["cpu_s"]), 1e6 * max(row["cpu_s"])
        kb = 1024 * row["grown_mb"] / row["streams"]
        cpu = f"{1e6 * middle:.0f} µs ({low:.0f}–{high:.0f})"
        rows.append([str(row["streams"]), cpu, f"{kb:.0f} kB", f"{1 / middle:.0f}"])
    head = ("streams", "CPU for a second of one", "memory for each", "fit on a core")
    return table(head, rows)


def straightness(found: dict[str, Any]) -> str:
    """What one more stream costs, and how far from that line what was measured lies."""
    streams = np.array([row["streams"] for row in found["together"]])
    cpu_s = streams * [statistics.median(row["cpu_s"]) for row in found["together"]]
    # Each error counts as a share of what is measured: else the most streams alone would decide.
    slope, offset = np.polyfit(streams, cpu_s, 1, w=1 / cpu_s)
    off = abs(slope * streams + offset - cpu_s) / cpu_s
    return (
        f"One more stream costs {1e6 * slope:.0f} µs for a second of it, beside {1e6 * offset:.0f} "
        f"µs for all of them: from that line what was measured differs by {100 * max(off):.0f} % "
        f"at the most (at {streams[off.argmax()]} streams)."
    )


def peer_rows(cost: dict[str, Any]) -> str:
    """How many processes of each engine one core bears, from what one of them costs."""
    rows = []
    for name, answers in cost["heard"]["speech"].items():
        cpu_s, rss_mb = _middle(answers, "cpu_s"), _middle(answers, "peak_rss_mb")
        rows.append([name, f"{1e6 * cpu_s:.0f} µs", f"{rss_mb:.0f} MB", f"{1 / cpu_s:.0f}"])
    head = ("a process each of", "CPU for a second of one", "peak memory", "fit on a core")
    return table(head, rows)


def apart_rows(found: dict[str, Any]) -> str:
    """The same in processes apart."""
    rows = []
    for row in found["apart"]:
        middle = statistics.median(row["cpu_s"])
        each_mb = row["pss_mb"] / row["streams"]
        cells = [f"{1e6 * middle:.0f} µs", f"{each_mb:.1f} MB", f"{1 / middle:.0f}"]
        rows.append([str(row["streams"]), *cells])
    return table(("processes", "CPU for a second of one", "memory for each", "fit on a core"), rows)
