"""A day of sound through the daemon as it is installed, at full speed: ``make soak``.

    make soak ARGS="--hours 24 --speech FOLDER --page docs/soak.md"

The sound goes into its standard input, so that all of it is the real one: loop, sockets,
companions, chimes on a real sound server, and a subscriber that reads every event. It is the same
stretch again and again, so the wakes have to lie in the same places of each: the sample clock is
held against the sound itself. Exits with 1 when memory grows, a number is missing, or a sample is.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread for all
sys.path.insert(0, str(Path(__file__).parents[1] / "daemon"))

import msgspec
import numpy as np
import running
import sound as sounds
import soundfile
from sound_server import sound_server
from verdict import Verdict, verdict_line, verdict_rows
from wakeful.daemon.row import Missed, Seen
from wakeful.daemon.subscription import Subscription
from wakeful.models.bundle import PRETRAINED

_STRETCH_S = 300


@dataclass
class Heard:
    """What a subscriber has been told."""

    kinds: Counter[str] = field(default_factory=Counter)
    wakes: list[int] = field(default_factory=list)
    missing: int = 0
    next_seq: int = 0
    end: int = -1
    """The sample of the last event, `bye`."""

    def take(self, item: object) -> None:
        """One more, or the news that some are gone for good."""
        if isinstance(item, Missed):
            self.missing += item.last - item.first + 1
            self.next_seq = item.last + 1
        elif isinstance(item, Seen):
            self.missing += item.seq - self.next_seq
            self.next_seq = item.seq + 1
            self.kinds[item.kind] += 1
            sample = msgspec.json.decode(item.body)["sample"]
            if item.kind == "wake":
                self.wakes.append(sample)
            if item.kind == "bye":
                self.end = sample


def stretch(folder: Path | None) -> sounds.Samples:
    """Five minutes: the shipped recording, talk, a quiet room, in turns and whole blocks."""
    demo, _ = soundfile.read(PRETRAINED / "demo.flac", dtype="int16")
    parts = [demo, sounds.speech(folder, 120), sounds.room(60), demo]
    rest = _STRETCH_S - sum(map(len, parts)) / sounds.RATE_HZ
    return np.concatenate([*parts, sounds.room(rest)])[: _STRETCH_S * sounds.RATE_HZ]


def listen(subscription: Subscription, heard: Heard) -> None:
    """Until `bye`, or a minute without any event after the sound."""
    quiet_since = time.monotonic()
    while heard.end < 0 and time.monotonic() - quiet_since < 60:
        for item in subscription.wait(1.0):
            heard.take(item)
            quiet_since = time.monotonic()


@dataclass(frozen=True)
class Soaked:
    """The figures of one run."""

    hours: float
    fed: int
    heard: Heard
    period: int
    early_mb: float
    late_mb: float
    took_s: float

    @property
    def drift(self) -> int:
        """By how many samples a wake lies elsewhere than its like in the stretches before it.

        The first stretch begins from nothing, and the very last may be cut.
        """
        wakes = [w for w in self.heard.wakes if w >= self.period]
        each = Counter(w // self.period for w in wakes)
        if len(set(each.values())) > 1:
            return self.period
        places: dict[int, list[int]] = {}
        for number, wake in enumerate(wakes):
            places.setdefault(number % each[1], []).append(wake % self.period)
        return max((max(p) - min(p) for p in places.values()), default=self.period)

    @property
    def verdicts(self) -> list[Verdict]:
        """What is demanded, and what came of it."""
        grown_mb = self.late_mb - self.early_mb
        return [
            Verdict("growth of memory from the first tenth to the end", grown_mb, 1.0, "MB"),
            Verdict("events missing", float(self.heard.missing), 0, ""),
            Verdict("samples fed and not heard", float(abs(self.fed - self.heard.end)), 0, ""),
            Verdict("drift of the wakes against the sound", float(self.drift), 0, "samples"),
            Verdict("overflows", float(self.heard.kinds["overflow"]), 0, ""),
        ]


def soak(folder: Path, options: argparse.Namespace) -> Soaked:
    """Feed it, watch it, count."""
    sound = stretch(options.speech)
    body, times = sound.tobytes(), max(2, round(options.hours * 3600 / _STRETCH_S))
    heard, early_mb = Heard(), 0.0
    flags = ("--input", "-", "--full-speed")
    speaker = folder / "speaker"
    speaker.mkdir()
    with (
        sound_server(speaker) as server,
        running.daemon(folder, options.model, *flags, environment=server.environment) as process,
    ):
        assert process.stdin
        with Subscription(running.bus_of(folder), since=0) as subscription:
            listener = threading.Thread(target=listen, args=(subscription, heard))
            listener.start()
            began_s = time.monotonic()
            for number in range(times):
                process.stdin.write(body)
                if number == max(1, times // 10):
                    early_mb = running.rss_mb(process.pid)
            late_mb = running.rss_mb(process.pid)
            process.stdin.close()
            listener.join()
            took_s = time.monotonic() - began_s
    hours = times * _STRETCH_S / 3600
    return Soaked(hours, times * len(sound), heard, len(sound), early_mb, late_mb, took_s)


def page(soaked: Soaked) -> str:
    """What is written into docs/."""
    return (
        "# A day of sound\n\n"
        f"`make soak`: {soaked.hours:g} hours of sound (the shipped recording, talk, a quiet room, "
        f"in stretches of {_STRETCH_S} s) into `wakeful daemon` at full speed, with its chimes on "
        "a sound server and a subscriber that reads every event. "
        f"It took {soaked.took_s / 60:.1f} minutes; "
        f"{sum(soaked.heard.kinds.values())} events came, {len(soaked.heard.wakes)} of them wakes; "
        f"at the end it took {soaked.late_mb:.1f} MB.\n\n"
        f"{verdict_rows(soaked.verdicts)}\n"
        "The stretches are all alike, so each wake has to lie at the same place of its stretch as "
        "in the one before: that is the drift. `bye` has to be about the last sample fed.\n"
    )


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--speech", type=Path, help="folder of 16 kHz recordings of talk")
    parser.add_argument("--model", default="activate")
    parser.add_argument("--page", type=Path, help="write the figures here, as docs/soak.md")
    return parser.parse_args()


def main() -> int:
    """Soak, print, and say whether every demand is met."""
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        soaked = soak(Path(folder), options)
    print(*map(verdict_line, soaked.verdicts), sep="\n")
    print(f"{soaked.hours:g} h in {soaked.took_s:.0f} s; {dict(soaked.heard.kinds)}")
    if options.page:
        options.page.write_text(page(soaked), encoding="utf-8")
    return 0 if all(verdict.is_met for verdict in soaked.verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
