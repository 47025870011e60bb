"""The pictures of the page."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from judged import LIMIT_PER_HOUR, Judged
from wakeful.training.drawing import new_figure, save_figure

COLOURS = {
    "wakeful": "#0072b2",
    "porcupine": "#d55e00",
    "pocketsphinx": "#009e73",
    "pymicro-wakeword": "#cc79a7",
    "openwakeword": "#e69f00",
    "pyopen-wakeword": "#56b4e9",
}
"""One for each engine, in every picture, told apart by the colour-blind too."""


def draw_cost(path: Path, cost: dict[str, Any]) -> None:
    """Bars of CPU for a second of each sound, on a logarithmic scale."""
    figure, axes = new_figure(8, 3.6)
    kinds, names = list(cost["heard"]), list(cost["engines"])
    width = 0.8 / len(names)
    for n, name in enumerate(names):
        times = [[1e6 * a["cpu_s"] for a in cost["heard"][kind][name]] for kind in kinds]
        places = [k + (n - (len(names) - 1) / 2) * width for k in range(len(kinds))]
        heights = [statistics.median(t) for t in times]
        low = [h - min(t) for h, t in zip(heights, times, strict=True)]
        high = [max(t) - h for h, t in zip(heights, times, strict=True)]
        bars = {"color": COLOURS[name], "label": name, "yerr": [low, high], "ecolor": "#444444"}
        axes.bar(places, heights, 0.92 * width, error_kw={"elinewidth": 0.8}, **bars)
    axes.set_yscale("log")
    axes.set_xticks(range(len(kinds)), kinds)
    axes.set_ylabel("µs of CPU for a second of sound")
    axes.grid(visible=True, axis="y", alpha=0.3)
    axes.legend(frameon=False, ncols=3, loc="upper right", fontsize=8)
    axes.set_ylim(top=axes.get_ylim()[1] * 3)
    save_figure(figure, path)


def draw_det(path: Path, judged: Judged) -> None:
    """Misses against false accepts an hour: a curve for scores, joined points for a sweep."""
    figure, axes = new_figure(8, 4.6)
    least = 0.5 / judged.hours
    for name in judged.engines:
        points = judged.points(name)
        x = [max(o.per_hour, least) for o in points]
        y = [100 * o.miss_rate for o in points]
        style = "-" if len(points) > 20 else "o--"
        axes.plot(x, y, style, color=COLOURS[name], label=name, markersize=5, linewidth=1.4)
        own = judged.own(name)
        at = (max(own.per_hour, least), 100 * own.miss_rate)
        low, high = (100 * m for m in own.miss_interval)
        bars = {"yerr": [[at[1] - low], [high - at[1]]], "capsize": 3}
        axes.errorbar(*([v] for v in at), fmt="D", color=COLOURS[name], **bars)
    axes.set_xscale("log")
    axes.set_xlim(least, 200)
    axes.set_ylim(0, 60)
    axes.set_xlabel(
        f"false accepts an hour ({judged.hours:.2f} h; never is drawn at the left edge)"
    )
    axes.set_ylabel(f"missed, % of {judged.words('clean')} clean recordings")
    axes.set_title(f"“{judged.word}”; diamonds: as shipped")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    save_figure(figure, path)


def draw_conditions(path: Path, judged: Judged) -> None:
    """A panel for each kind of noise: misses by how loud it is."""
    figure, panels = new_figure(10, 3.4, ncols=len(judged.noises), sharey=True, squeeze=False)
    for axes, kind in zip(panels[0], judged.noises, strict=True):
        _draw_noise(axes, judged, kind)
    panels[0][0].set_ylabel(f"missed, %, at ≤ {LIMIT_PER_HOUR:g} false accept an hour")
    panels[0][-1].legend(frameon=False, fontsize=8)
    save_figure(figure, path)


def _draw_noise(axes: Any, judged: Judged, kind: str) -> None:
    names = [c for c, group in judged.conditions if group == kind]
    levels = [int(name.split()[-2]) for name in names]
    for engine in judged.engines:
        points = [judged.at(engine, name, LIMIT_PER_HOUR) for name in names]
        known = [(x, o) for x, o in zip(levels, points, strict=True) if o]
        y = [100 * o.miss_rate for _, o in known]
        low = [v - 100 * o.miss_interval[0] for v, (_, o) in zip(y, known, strict=True)]
        high = [100 * o.miss_interval[1] - v for v, (_, o) in zip(y, known, strict=True)]
        bars = {"yerr": [low, high], "capsize": 2, "elinewidth": 0.7}
        axes.errorbar(
            [x for x, _ in known], y, fmt="o-", color=COLOURS[engine], label=engine, **bars
        )
    axes.set_title(kind)
    axes.set_xlabel("signal to noise, dB")
    axes.set_xlim(22, -2)
    axes.set_ylim(0, 100)
    axes.grid(visible=True, alpha=0.3)


def draw_scale(path: Path, found: dict[str, Any]) -> None:
    """What so many streams take of a core, and of memory: together, and in processes apart."""
    figure, (axes, memory) = new_figure(9, 3.6, ncols=2)
    for kind, name, colour in (
        ("together", "one process", "#0072b2"),
        ("apart", "a process each", "#d55e00"),
    ):
        rows = found[kind]
        x = [row["streams"] for row in rows]
        y = [100 * row["streams"] * statistics.median(row["cpu_s"]) for row in rows]
        axes.plot(x, y, "o-", color=colour, label=name)
        weight = [row.get("pss_mb", row.get("grown_mb")) for row in rows]
        memory.plot(x, weight, "o-", color=colour, label=name)
    for panel, what in ((axes, "% of one core"), (memory, "MB")):
        panel.set_xlabel("streams of speech without a pause")
        panel.set_ylabel(what)
        panel.grid(visible=True, alpha=0.3)
        panel.set_xlim(left=0)
        panel.set_ylim(bottom=0)
    axes.legend(frameon=False)
    save_figure(figure, path)
