"""Which microphones there are, and which one a user means; loads PortAudio only when asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..models.quiet import quiet_stderr
from .source import SourceError

_lock = threading.RLock()
_scans = 0
_HUNG_S = 5.0


@contextmanager
def alone() -> Iterator[None]:
    """One thread at a time opens, closes or counts devices, and what PortAudio prints is dropped.

    PortAudio keeps its list of streams without a lock, and two threads that both turn standard
    error away might leave it so. Raises `DeviceError` where another thread doesn't come back: a
    sound server that dies may keep whoever closes a stream for ever.
    """
    if not _lock.acquire(timeout=_HUNG_S):
        raise DeviceError("the sound system hangs in closing a device; restart wakeful")
    try:
        with quiet_stderr():
            yield
    finally:
        _lock.release()


def scans() -> int:
    """How often devices were looked for anew; streams that are older than that are gone."""
    return _scans


class DeviceError(SourceError):
    """A microphone can't be used; the line says which and what to do."""


class NoPortAudioError(DeviceError):
    """The library that reaches microphones is not installed."""


class NoDeviceError(DeviceError):
    """There is no such microphone, or none at all."""


@dataclass(frozen=True)
class InputDevice:
    """A device that can be listened to."""

    index: int
    name: str
    host: str
    channels: int
    rate_hz: int
    is_default: bool


def portaudio() -> Any:
    """The sounddevice module; raises `NoPortAudioError` that names the package to install."""
    try:
        # ALSA tells the world of every device that its configuration mentions and nobody has.
        with alone():
            import sounddevice
    except OSError as error:
        raise NoPortAudioError(
            "PortAudio is not installed, so no microphone can be reached: "
            "apt install libportaudio2  (Fedora: portaudio, macOS: brew install portaudio)"
        ) from error
    return sounddevice


def input_devices() -> list[InputDevice]:
    """Every device with an input, as PortAudio numbers them."""
    sd = portaudio()
    hosts = [host["name"] for host in sd.query_hostapis()]
    default = _default_index(sd)
    return [
        InputDevice(
            index=index,
            name=device["name"],
            host=hosts[device["hostapi"]],
            channels=device["max_input_channels"],
            rate_hz=round(device["default_samplerate"]),
            is_default=index == default,
        )
        for index, device in enumerate(sd.query_devices())
        if device["max_input_channels"] > 0
    ]


def rescan() -> None:
    """Let PortAudio look again: it lists devices once, when it is loaded. Ends all streams."""
    global _scans  # noqa: PLW0603 - there is one PortAudio in a process
    sd = portaudio()
    with alone():
        _scans += 1
        sd._terminate()
        sd._initialize()


def _default_index(sd: Any) -> int:
    return int(sd.default.device[0])


def choose(wanted: str) -> InputDevice:
    """The device of a number or of a part of its name; empty: the default one.

    Raises `NoDeviceError`, listing what there is, when none or more than one fits.
    """
    devices = input_devices()
    if not devices:
        raise NoDeviceError(
            "no microphone: PortAudio finds no device with an input; plug one in, or check that "
            "the sound server runs (pactl info) and that you are in the group audio"
        )
    if not wanted:
        return next((d for d in devices if d.is_default), devices[0])
    fitting = [d for d in devices if _fits(d, wanted)]
    exact = [d for d in fitting if d.name.lower() == wanted.lower()]
    if len(exact or fitting) == 1:
        return (exact or fitting)[0]
    problem = "is not one of" if not fitting else "fits more than one of"
    listed = "; ".join(f"{d.index} {d.name}" for d in (fitting or devices))
    raise NoDeviceError(f"microphone {wanted!r} {problem} these: {listed}")


def _fits(device: InputDevice, wanted: str) -> bool:
    return str(device.index) == wanted or (
        not wanted.isdigit() and wanted.lower() in device.name.lower()
    )
