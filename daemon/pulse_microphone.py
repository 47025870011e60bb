"""The default microphone straight from its sound server: one library and one thread less.

Through PortAudio there are ALSA and its plugin in between, 20 MB more of memory, and a thread more
that wakes up for each piece. Here one thread sleeps until a block has come, and copies it.
"""

from __future__ import annotations

import contextlib
import threading
import time

from .devices import DeviceError, alone
from .live import BLOCK_S, RING_S, LiveSource
from .pulse import Recording
from .source import SAMPLE_RATE_HZ

_LOOK_S = 0.2
"""How often the thread looks whether it is to end, should it not have been woken for that."""

_CRUMB_S = 0.002


class PulseMicrophone(LiveSource):
    """A `Source` over whatever microphone is the server's default; open once it has sounded.

    The server converts it to 16 kHz mono. Raises `pulse.NoServerError` where there is no server,
    another `DeviceError` when it gives no sound.
    """

    def __init__(self) -> None:
        # The library warns of odd folders on standard error.
        with alone():
            recording = Recording(BLOCK_S, keep_s=RING_S)
        super().__init__(recording.name, SAMPLE_RATE_HZ, 1)
        self._closing = False
        self._open: Recording | None = recording
        self._lock = threading.Lock()
        """Whoever wakes the recording must not meet its end."""
        self._thread = threading.Thread(
            target=self._pump, args=(recording,), name="pulse", daemon=True
        )
        self._thread.start()
        with contextlib.ExitStack() as guard:
            guard.callback(self.close)
            self._await_first_sound()
            guard.pop_all()

    def _pump(self, recording: Recording) -> None:
        """In the thread, which is the only one to use the recording from now on."""
        try:
            while not self._closing:
                began_s = time.monotonic()
                self._take(recording)
                _stood_still(time.monotonic() - began_s)
        except DeviceError as error:
            self._ended(str(error))
        finally:
            with self._lock:
                self._open = None
            recording.close()

    def _take(self, recording: Recording) -> None:
        """Asleep until what the reader wants is nearly there: each crumb would wake up both."""
        time.sleep(max(0.0, (self._missing_s or BLOCK_S) - _CRUMB_S))
        recording.wait(_LOOK_S)
        recording.take(self._copy)
        self._ring_bell()

    def close(self) -> None:
        """Stop and give the microphone back, at once, whether sound comes or not."""
        self._closing = True
        with self._lock:
            if self._open:
                self._open.wake()
        self._thread.join(2 * _LOOK_S)


def _stood_still(for_s: float) -> None:
    """Raises `DeviceError` after longer than the ring: the server's socket has kept sound since.

    Nobody wants a chime for what was said before the process was stopped ten seconds ago.
    """
    if for_s > RING_S:
        raise DeviceError(f"wakeful stood still for {for_s:.0f} s, whose sound is missing")
