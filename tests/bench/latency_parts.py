"""Where the time from the word to the subscriber goes, for each word.

What a wake is about stands in it as a sample of the daemon's own clock. Which sample of our sound
that is, is found by hearing the sound once more, in a pipeline here: wherever the daemon's clock
may have begun, all its wakes are as far from ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import sound as sounds
from timed_daemon import Timed
from wakeful.daemon.events import Stamp, Wake
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import Settings
from wakeful.models.bundle import load_bundle
from wakeful.models.runtime import TriggerModel

_PIECE = sounds.RATE_HZ // 100
"""The microphone is fed in these: a daemon's clock begins at the beginning of one."""

_BLOCKS_BEFORE = 33
_BEFORE_S, _AFTER_S = 0.3, 1.5


@dataclass(frozen=True)
class Parts:
    """Of one word, in milliseconds, in the order in which they pass."""

    model: float
    look: float
    way_in: float
    loop: float
    way_out: float


WHAT = {
    "model": "the model: from the end of the word to the sample that makes it sure",
    "look": "from there to the sample at which the daemon looks",
    "way_in": "from that sample into the daemon's hands: microphone, sound server, waking up",
    "loop": "from there to the event sent: gate, front end, network, detector",
    "way_out": "from there into the subscriber's hands: ZeroMQ",
}


@dataclass(frozen=True)
class Played:
    """What was played, when by the monotonic clock, and where its words end."""

    sound: sounds.Samples
    began_s: float
    ends: Sequence[int]


def timed_wakes(path: Path) -> list[Timed]:
    """What a timed daemon has written down."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [msgspec.json.decode(line, type=Timed) for line in lines]


def clock_offset(sound: sounds.Samples, model: str, wakes: Sequence[int]) -> int:
    """Which sample of the daemon's clock was the first of the sound."""
    loaded = TriggerModel(load_bundle(model))
    block = loaded.bundle.frontend.block_samples
    agreed = [_agreed(sound, loaded, begin, wakes) for begin in range(0, block, _PIECE)]
    return max(agreed)[1]


def _agreed(
    sound: sounds.Samples, model: TriggerModel, begin: int, wakes: Sequence[int]
) -> tuple[int, int]:
    """How many wakes are equally far from those heard here, and how far, if it begins there."""
    block = model.bundle.frontend.block_samples
    before = _BLOCKS_BEFORE * block + begin
    pipeline = Pipeline(Settings(), [model], Stamp("sound", 0.0))
    events = pipeline.feed(np.concatenate([sounds.room(before / sounds.RATE_HZ), sound]))
    here = [event.sample - before for event in events if isinstance(event, Wake)]
    apart = Counter(there - at for there in wakes for at in here if at <= there)
    matching = {far: count for far, count in apart.items() if (far - begin) % block == 0}
    far, count = max(matching.items(), key=lambda item: item[1], default=(0, 0))
    return count, far


def parts_of(
    played: Played, offset: int, timed: Sequence[Timed], heard_s: Sequence[float]
) -> list[Parts]:
    """For each word that was heard; `heard_s` is when the subscriber had each wake."""
    rate_hz, found = sounds.RATE_HZ, []
    for wake, at_s in zip(timed, heard_s, strict=False):
        sure, had = wake.sample - offset, wake.heard - offset
        ends = [end for end in played.ends if -_BEFORE_S <= (sure - end) / rate_hz <= _AFTER_S]
        if ends:
            had_s = played.began_s + had / rate_hz
            steps_s = (wake.in_hand_s - had_s, wake.sent_s - wake.in_hand_s, at_s - wake.sent_s)
            waits_s = ((sure - ends[-1]) / rate_hz, (had - sure) / rate_hz)
            found.append(Parts(*(1_000 * s for s in (*waits_s, *steps_s))))
    return found


def rows(parts: Sequence[Parts]) -> str:
    """A table for a page: each part's median and 99th percentile."""
    head = "| where the time goes | median | 99th percentile |\n|---|---|---|\n"
    table = np.array([astuple(one) for one in parts])
    lines = [
        f"| {WHAT[field.name]} | {np.median(column):.1f} ms | {np.percentile(column, 99):.1f} ms |"
        for field, column in zip(fields(Parts), table.T, strict=True)
    ]
    return head + "\n".join(lines) + "\n"


def draw_bars(axes: Any, parts: Sequence[Parts]) -> None:
    """Each word as a bar of its parts, the quickest first."""
    table = np.array(sorted((astuple(one) for one in parts), key=sum)).T
    at, below = np.arange(table.shape[1]), np.zeros(table.shape[1])
    for field, column, colour in zip(fields(Parts), table, _COLOURS, strict=True):
        axes.bar(at, column, 0.9, bottom=below, label=field.name.replace("_", " "), color=colour)
        below += column
    axes.set(xlabel="words, the quickest first", ylabel="ms", xticks=[])
    axes.legend(ncols=len(table), fontsize=8, loc="upper left", frameon=False)
    axes.set_ylim(0, 1.25 * below.max())


_COLOURS = ("#3b7dd8", "#9dc3f0", "#e0a030", "#c0504d", "#777777")
