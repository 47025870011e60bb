"""One sound on the sound server's default loudspeaker, straight from its own library.

Through PortAudio a chime would load ALSA, its plugins and all that those load: 20 MB.
"""

from __future__ import annotations

import threading
import time

from .devices import DeviceError, alone
from .pulse import Playback

_LOOK_S = 0.05


class PulsePlaying:
    """From its opening to its end. Raises `pulse.NoServerError`, or another `DeviceError`."""

    def __init__(self, frames: bytes, rate_hz: int, latency_s: float, patience_s: float) -> None:
        # The library warns of odd folders on standard error.
        with alone():
            self._playback = Playback(frames, rate_hz, latency_s)
        self._until_s = time.monotonic() + patience_s

    def run(self, stopping: threading.Event) -> None:
        """Until the sound is over or `stopping`; raises `DeviceError` if it never is."""
        try:
            while not self._playback.wait(_LOOK_S) and not stopping.is_set():
                if time.monotonic() > self._until_s:
                    raise DeviceError("the sound server takes no sound; restart it")
        finally:
            self._playback.close()
