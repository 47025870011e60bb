"""Checks of the machine: rights, processor, memory, clock."""

from __future__ import annotations

import grp
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .finding import Case, Finding

if TYPE_CHECKING:
    from .source import Samples

_DEVICES = Path("/dev/snd")
_SYNCHRONIZED = Path("/run/systemd/timesync")
_MEASURE_S = 0.3
"""Some systems count a process's time in steps of a hundredth of a second."""

_DEAR_SHARE, _UNBEARABLE_SHARE = 0.25, 0.8


def check_permissions(case: Case) -> Iterator[Finding]:
    """May we reach sound cards and make sockets?"""
    if case.settings.audio.input == "mic":
        yield _sound_cards(_DEVICES)
    yield _runtime_folder(os.environ.get("XDG_RUNTIME_DIR", ""))


def _sound_cards(folder: Path) -> Finding:
    captures = sorted(folder.glob("pcmC*c"))
    if not captures:
        text = "no sound card of this machine can record; a sound server may lend one"
        return Finding("sound cards", "skipped", text)
    closed = [path.name for path in captures if not os.access(path, os.R_OK | os.W_OK)]
    if not closed:
        return Finding("sound cards", "ok", f"{len(captures)} may be used")
    group = grp.getgrgid(captures[0].stat().st_gid).gr_name
    text = f"{', '.join(closed)} may not be used; a sound server's microphones still may"
    return Finding("sound cards", "warning", text, f"sudo usermod -aG {group} $USER, log in anew")


def _runtime_folder(named: str) -> Finding:
    if not named:
        text = "XDG_RUNTIME_DIR is not set: no desktop session, so sockets go elsewhere"
        advice = "log in properly (not with su), or  loginctl enable-linger"
        return Finding("runtime folder", "warning", text, advice)
    try:
        found = Path(named).stat()
    except OSError as error:
        text = f"XDG_RUNTIME_DIR {named}: {error.strerror}"
        return Finding("runtime folder", "failed", text, "log in anew, or unset it")
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        text = f"{named} is not yours alone"
        return Finding("runtime folder", "failed", text, f"chmod 700 {named}, or log in anew")
    return Finding("runtime folder", "ok", named)


def check_cpu(case: Case) -> Iterator[Finding]:
    """What a second of speech and one of silence cost here, through the whole pipeline."""
    speech, silence = cost_shares(case)
    text = f"speech takes {speech:.2%} of a core, silence {silence:.2%}"
    if speech > _UNBEARABLE_SHARE:
        advice = "this machine can't keep up: fewer models, or a faster one"
        yield Finding("cpu", "failed", text, advice)
    elif speech > _DEAR_SHARE:
        yield Finding("cpu", "warning", text, "name fewer models, or close what else runs")
    else:
        yield Finding("cpu", "ok", text)
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    if busy > 1.5:
        text = f"others want {busy:.1f} times as much as there is"
        yield Finding("load", "warning", text, "answers will come late")


def cost_shares(case: Case) -> tuple[float, float]:
    """CPU seconds for a second of speech and for one of a quiet room; the network runs in one."""
    import numpy as np

    from .events import Stamp
    from .hearing import open_hearing
    from .source import SAMPLE_RATE_HZ

    hearing = open_hearing(case.settings, case.config)

    def share(sound: Samples) -> float:
        pipeline = hearing.pipeline(Stamp("doctor", 0.0))
        pipeline.feed(sound)
        warm, began, until_s = pipeline.samples, time.process_time(), time.monotonic() + _MEASURE_S
        while time.monotonic() < until_s:
            pipeline.feed(sound)
        heard_s = (pipeline.samples - warm) / SAMPLE_RATE_HZ
        return (time.process_time() - began) / heard_s

    speech = _demo()
    room = np.random.default_rng(0).integers(-8, 9, len(speech)).astype(np.int16)
    return share(speech), share(room)


def _demo() -> Samples:
    """The recording that is shipped, whole."""
    import numpy as np

    from .opening import DEMO, open_file
    from .source import SAMPLE_RATE_HZ

    file = open_file(str(DEMO))
    parts: list[Samples] = []
    while len(part := file.read(SAMPLE_RATE_HZ)):
        parts.append(part)
    file.close()
    return np.concatenate(parts)


def check_memory(case: Case) -> Iterator[Finding]:
    """What the ring takes, and what there is."""
    from .source import SAMPLE_RATE_HZ

    ring_mb = case.settings.audio.ring_s * SAMPLE_RATE_HZ * 2 / 1e6
    text = f"{case.settings.audio.ring_s:g} s of sound are kept, {ring_mb:.1f} MB"
    available_mb = _available_mb()
    if available_mb is None:
        yield Finding("memory", "ok", text)
    elif available_mb < 100 + ring_mb:
        advice = "close something, or lower audio.ring_s"
        yield Finding("memory", "warning", f"only {available_mb:.0f} MB are free", advice)
    else:
        yield Finding("memory", "ok", f"{text}; {available_mb:.0f} MB are free")


def _available_mb() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return int(found.split()[1]) / 1024 if found else None


def check_clock(_case: Case) -> Iterator[Finding]:
    """Whether the time that events carry can be right."""
    installed = Path(__file__).stat().st_mtime
    if time.time() < installed - 86_400:
        today = time.strftime("%Y-%m-%d")
        text = f"says {today}, before this was installed"
        yield Finding("clock", "warning", text, "set it: timedatectl set-ntp true")
    elif _SYNCHRONIZED.is_dir() and not (_SYNCHRONIZED / "synchronized").exists():
        text = "not synchronized yet: the times of events may jump"
        yield Finding("clock", "warning", text, "timedatectl timesync-status")
    else:
        yield Finding("clock", "ok", time.strftime("%Y-%m-%d %H:%M:%S %Z"))
