"""Checks of the way in: PortAudio, the microphones, the sound that the chosen one gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .finding import Case, Finding

if TYPE_CHECKING:
    from .source import Samples, Source

_LISTEN_S = 1.0
_CLIPPED = 32_700
_CLIPPED_SHARE = 0.001
_LOUD_DBFS, _OFFSET_SHARE = -25.0, 0.02


def check_portaudio(_case: Case) -> Iterator[Finding]:
    """The library through which microphones are reached."""
    from .devices import portaudio

    yield Finding("portaudio", "ok", portaudio().get_portaudio_version()[1])


def check_microphones(case: Case) -> Iterator[Finding]:
    """Which there are, and which one is meant."""
    from .devices import choose, input_devices
    from .microphones import way_to

    audio = case.settings.audio
    if audio.input != "mic":
        yield Finding("microphone", "skipped", f"audio.input is {audio.input}, no microphone")
        return
    chosen, way = choose(audio.device), way_to(audio.device)
    others = len(input_devices()) - 1
    text = f"{chosen.name} ({chosen.host}, {chosen.channels} ch, {chosen.rate_hz} Hz)"
    yield Finding("microphone", "ok", f"{text} through {way}; {others} more: wakeful devices")


def check_level(case: Case) -> Iterator[Finding]:
    """A second of sound from it."""
    if case.settings.audio.input != "mic":
        return
    from .devices import DeviceError
    from .microphones import open_microphone

    try:
        source = open_microphone(case.settings.audio.device)
    except DeviceError:
        if not _daemon_is_there(case):
            raise
        yield Finding("level", "skipped", "the daemon has the microphone to itself; see below")
        return
    try:
        sound = _second(source)
        lost = source.lost_samples
    finally:
        source.close()
    yield judge_level(sound)
    if lost:
        advice = "another program may keep the machine busy; see the line cpu"
        yield Finding("sound", "warning", f"{lost} samples were lost in a second", advice)


def _daemon_is_there(case: Case) -> bool:
    from .endpoints import to_connect

    return to_connect(case.settings.bus, "control") is not None


def _second(source: Source) -> Samples:
    import numpy as np

    from .source import SAMPLE_RATE_HZ

    parts: list[Samples] = []
    while sum(map(len, parts)) < _LISTEN_S * SAMPLE_RATE_HZ:
        parts.append(source.read(SAMPLE_RATE_HZ))
    return np.concatenate(parts)


def judge_level(sound: Samples) -> Finding:
    """Whether words can be made out in such a room: `sound` is what it gives when nobody speaks."""
    import numpy as np

    from .reports import level_dbfs

    wide = sound.astype(np.int32)
    if int(wide.min()) == int(wide.max()):
        text = "each sample is the same: muted, or nothing plays into it"
        return Finding("level", "warning", text, "unmute it: pavucontrol, or alsamixer (F4)")
    if (np.abs(wide) >= _CLIPPED).mean() > _CLIPPED_SHARE:
        return Finding("level", "warning", "it clips", "turn its gain down: pavucontrol, alsamixer")
    offset = abs(float(wide.mean())) / 32_768
    if offset > _OFFSET_SHARE:
        text = f"is off zero by {offset:.0%}"
        return Finding("level", "warning", text, "a cheap or broken input; try another one")
    dbfs = level_dbfs(sound)
    if dbfs > _LOUD_DBFS:
        text = f"{dbfs:.0f} dBFS when nobody speaks"
        return Finding("level", "warning", text, "turn its gain down, or what is so loud")
    return Finding("level", "ok", f"{dbfs:.0f} dBFS")
