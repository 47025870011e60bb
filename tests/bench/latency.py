"""How long from the last sample of the word to the event in a subscriber's hands: ``make latency``.

    make latency ARGS="--words 200 --clips FOLDER --page docs/latency.md"

Everything is real: a sound server, a microphone whose samples we time, `wakeful daemon` as it is
installed (which writes down when it had the sound of a wake in hand, and when its event was sent),
a subscriber in a process of its own. Then what that daemon costs in a quiet room and in
constant speech. A folder's clips are 16 kHz mono WAV or FLAC; where the word ends in each stands in
its ``ends.json`` ({"name.wav": sample}), else it is where the sound last rises 10 dB above the
clip's quietest tenth. Exits with 1 when a figure misses what the project demands of itself.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread for all

import latency_parts
import numpy as np
import running
import sound as sounds
import soundfile
from latency_parts import Parts, Played
from pipe_microphone import PipeMicrophone, pipe_microphone
from verdict import Verdict, verdict_line, verdict_rows
from wakeful.models.bundle import PRETRAINED, load_bundle

_DEMO_WORD = slice(1 * sounds.RATE_HZ, 3 * sounds.RATE_HZ)
_BETWEEN_S = (6.0, 7.0)
"""From word to word: longer than the daemon waits for speech after one."""

_TIMED = (sys.executable, str(Path(__file__).with_name("timed_daemon.py")))

_FRAME, _ABOVE_DB = 160, 10.0
_BEFORE_S, _AFTER_S = 0.3, 1.5


@dataclass(frozen=True)
class Word:
    """A recording of the word, and the sample at which it has been said."""

    samples: sounds.Samples
    end: int


@dataclass(frozen=True)
class Cost:
    """What a daemon takes."""

    share: float
    rss_mb: float


def words_of(folder: Path | None) -> list[Word]:
    """The clips of a folder, or the word in the recording that is shipped."""
    if folder is None:
        demo, _ = soundfile.read(PRETRAINED / "demo.flac", dtype="int16")
        said = demo[_DEMO_WORD]
        return [Word(said, end_of_sound(said))]
    labels = folder / "ends.json"
    ends = json.loads(labels.read_text(encoding="utf-8")) if labels.is_file() else {}
    return [_clip(path, ends) for path in sorted(folder.iterdir()) if path.suffix in _SOUND]


_SOUND = {".wav", ".flac"}


def _clip(path: Path, ends: dict[str, int]) -> Word:
    samples, rate_hz = soundfile.read(path, dtype="int16")
    if rate_hz != sounds.RATE_HZ or samples.ndim != 1:
        raise SystemExit(f"latency: {path} is not 16 kHz mono")
    return Word(samples, ends.get(path.name) or end_of_sound(samples))


def end_of_sound(samples: sounds.Samples) -> int:
    """The last sample of the last 10 ms that stand out of the quietest tenth."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    level_db = 10 * np.log10((frames**2).mean(axis=1) + 1)
    loud = np.flatnonzero(level_db > np.quantile(level_db, 0.1) + _ABOVE_DB)
    return (int(loud[-1]) + 1) * _FRAME if len(loud) else len(samples)


def composed(words: list[Word], count: int) -> tuple[sounds.Samples, list[int]]:
    """So many words in a quiet room, at random distances, and where each of them ends."""
    rng = np.random.default_rng(0)
    parts, ends, at = [], [], 0
    for number in range(count):
        word = words[number % len(words)]
        pause = round(rng.uniform(*_BETWEEN_S) * sounds.RATE_HZ)
        parts += [sounds.room(pause / sounds.RATE_HZ)[:pause], word.samples]
        ends.append(at + pause + word.end)
        at += pause + len(word.samples)
    parts.append(sounds.room(_AFTER_S + 1))
    return np.concatenate(parts), ends


_SUBSCRIBER = """
import sys, time, zmq
socket = zmq.Context().socket(zmq.SUB)
socket.setsockopt(zmq.SUBSCRIBE, b"")
socket.connect(sys.argv[1])
while True:
    topic, body = socket.recv_multipart()
    print(time.monotonic(), topic.decode(), body.decode(), flush=True)
    if topic == b"bye":
        break
"""


@contextmanager
def subscriber(endpoint: str) -> Iterator[subprocess.Popen[str]]:
    """Another process, which says when it had which event in its hands."""
    command = [sys.executable, "-c", _SUBSCRIBER, endpoint]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@dataclass(frozen=True)
class Told:
    """An event, and when the subscriber had it in its hands, by the monotonic clock."""

    at_s: float
    topic: str
    body: str


def told_to(subscriber: subprocess.Popen[str]) -> list[Told]:
    """All that it was told until the daemon said goodbye."""
    lines = subscriber.communicate(timeout=30)[0].splitlines()
    return [Told(float(at), topic, body) for at, topic, body in (s.split(" ", 2) for s in lines)]


def latencies_ms(ends_s: list[float], wakes_s: list[float]) -> list[float]:
    """For each word the first wake that can be its own; words that were missed have none."""
    found = []
    for end_s in ends_s:
        own = [w - end_s for w in wakes_s if -_BEFORE_S <= w - end_s <= _AFTER_S]
        found += [own[0] * 1_000] if own else []
    return found


def cost(microphone: PipeMicrophone, pid: int, sound: sounds.Samples) -> Cost:
    """Of a daemon that hears this sound in real time."""
    cpu_before, began_s = running.cpu_s(pid), time.monotonic()
    microphone.play(sound)
    share = (running.cpu_s(pid) - cpu_before) / (time.monotonic() - began_s)
    return Cost(share, running.rss_mb(pid))


@dataclass(frozen=True)
class Measured:
    """All figures of one run."""

    asked: int
    latencies_ms: list[float]
    parts: list[Parts]
    silence: Cost
    speech: Cost
    late_ms: float
    load: float
    """How many programs wanted to run at once, on average over the last quarter of an hour."""

    @property
    def verdicts(self) -> list[Verdict]:
        """What is demanded, and what came of it."""
        median, high = np.percentile(self.latencies_ms or [np.inf], [50, 99])
        rss_mb = max(self.silence.rss_mb, self.speech.rss_mb)
        missed = self.asked - len(self.latencies_ms)
        return [
            Verdict("word to subscriber, median", float(median), 80, "ms"),
            Verdict("word to subscriber, 99th percentile", float(high), 150, "ms"),
            Verdict("words missed", float(missed), 0.02 * self.asked, "words"),
            Verdict("CPU in a quiet room", 100 * self.silence.share, 1, "% of a core"),
            Verdict("CPU in constant speech", 100 * self.speech.share, 2, "% of a core"),
            Verdict("memory of the whole daemon", rss_mb, 80, "MB"),
        ]


def measure(folder: Path, options: argparse.Namespace) -> Measured:
    """One daemon: a quiet room, constant speech, then the words."""
    sound, ends = composed(words_of(options.clips), options.words)
    wakes = folder / "wakes"
    with (
        pipe_microphone(folder) as microphone,
        running.daemon(
            folder,
            options.model,
            environment=microphone.environment | {"TIMED_WAKES": str(wakes)},
            program=_TIMED,
        ) as process,
        subscriber(f"ipc://{folder}/events.sock") as heard,
    ):
        time.sleep(3)
        silence = cost(microphone, process.pid, sounds.room(options.seconds))
        speech = cost(microphone, process.pid, sounds.speech(options.speech, options.seconds))
        began_s = microphone.play(sound)
        process.terminate()
        told = told_to(heard)
        wakes_s = [one.at_s for one in told if one.topic == "wake"]
    ends_s = [began_s + end / sounds.RATE_HZ for end in ends]
    found = latencies_ms(ends_s, wakes_s)
    timed = latency_parts.timed_wakes(wakes)
    offset = latency_parts.clock_offset(sound, options.model, [one.sample for one in timed])
    parts = latency_parts.parts_of(Played(sound, began_s, ends), offset, timed, wakes_s)
    late_ms, load = 1_000 * microphone.late_s, os.getloadavg()[2]
    return Measured(options.words, found, parts, silence, speech, late_ms, load)


def draw(measured: Measured, path: Path) -> None:
    """The histogram, with what is demanded in it, and each word in its parts."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, (axes, below) = plt.subplots(2, figsize=(8, 6), layout="constrained")
    axes.hist(measured.latencies_ms, bins=np.arange(0, 205, 5).tolist(), color="#3b7dd8")
    median = float(np.median(measured.latencies_ms))
    for at, text in ((median, f"median {median:.0f} ms"), (150, "150 ms: at most, for 99 of 100")):
        axes.axvline(at, color="#444444", linewidth=1, linestyle=":")
        axes.text(at + 1.5, axes.get_ylim()[1] * 0.92, text, fontsize=9)
    axes.set(xlabel="from the last sample of the word to the subscriber, ms", ylabel="words")
    latency_parts.draw_bars(below, measured.parts)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def page(measured: Measured, options: argparse.Namespace) -> str:
    """What is written into docs/."""
    clips = "the word in the shipped recording" if options.clips is None else "a folder of clips"
    return (
        "# From the word to the subscriber\n\n"
        f"`make latency`: {measured.asked} times {clips}, at random distances in a quiet room, "
        "through PulseAudio and a microphone whose every sample is timed, the daemon as it is "
        "installed, and a subscriber in a process of its own. The last sample of the word is the "
        "end of the last 10 ms that stand 10 dB out of the room, or the label of the clip. CPU and "
        "memory are of the whole daemon, microphone to sockets.\n\n"
        f"{_of_many(options.model) if options.clips is None else ''}"
        f"{verdict_rows(measured.verdicts)}\n"
        f"Over the last quarter of an hour {measured.load:.1f} programs on average wanted to run "
        f"at once on {os.cpu_count()} cores, this one among them. The worst piece of sound was put "
        f"into the microphone {measured.late_ms:.0f} ms late by that, which counts against us.\n\n"
        f"{latency_parts.rows(measured.parts)}\n"
        "![Histogram of the latencies, and each word in its parts](latency.png)\n"
    )


def _of_many(model: str) -> str:
    """One recording may be kind to a model: what its manifest has of many voices."""
    late = load_bundle(model).manifest.measured.get("latency_ms", {})
    if not late:
        return ""
    return (
        f"It is one recording, of which the model may be sure sooner or later than of another: of "
        f"voices that it never heard, it is sure {late['p50']:.0f} ms after the word's end in the "
        f"middle and {late['p95']:.0f} ms at the 95th percentile, as its manifest has it. What "
        "comes after that is the daemon's, and the same for all.\n\n"
    )


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--clips", type=Path, help="folder of the word, said by many")
    parser.add_argument("--speech", type=Path, help="folder of 16 kHz recordings of talk")
    parser.add_argument("--seconds", type=float, default=60.0, help="of room, and of speech")
    parser.add_argument("--model", default="activate")
    parser.add_argument("--page", type=Path, help="write a page and its picture beside it")
    return parser.parse_args()


def main() -> int:
    """Measure, print, and say whether every demand is met."""
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder), options)
    print(*map(verdict_line, measured.verdicts), sep="\n")
    if measured.parts:
        print(latency_parts.rows(measured.parts))
    if options.page and measured.parts:
        draw(measured, options.page.with_suffix(".png"))
        options.page.write_text(page(measured, options), encoding="utf-8")
    return 0 if all(verdict.is_met for verdict in measured.verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
