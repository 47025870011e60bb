"""Which way leads to a microphone: its sound server itself where that will do, else PortAudio."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .live import LiveSource

DEFAULT_NAMES = {"", "default", "pulse"}
"""What the sound server's own choice is called; the last two are ALSA's names for it."""


def open_microphone(device: str = "", anew: bool = False) -> LiveSource:
    """The one that is meant; `anew` looks for devices that were not there before.

    Raises `DeviceError`. A server that is there but hangs is not gone around: PortAudio would
    hang with it.
    """
    if device.lower() in DEFAULT_NAMES:
        from .pulse import NoServerError
        from .pulse_microphone import PulseMicrophone

        try:
            return PulseMicrophone()
        except NoServerError:
            pass
    from .devices import rescan
    from .microphone import Microphone

    if anew:
        rescan()
    return Microphone(device)


def way_to(device: str) -> str:
    """``PulseAudio`` or ``PortAudio``: what `open_microphone` would take, without opening it."""
    if device.lower() not in DEFAULT_NAMES:
        return "PortAudio"
    from .pulse import answers

    return "PulseAudio" if answers() else "PortAudio"
