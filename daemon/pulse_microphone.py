"""The default microphone straight from its sound server: one library and no thread at all.

Through PortAudio there are ALSA and its plugin in between, 20 MB more of memory, and threads that
wake up for each piece. Here the reader itself sleeps until what it wants has come, and takes it out
of the server's socket. While it is late the server keeps its sound.
"""

from __future__ import annotations

import contextlib
import time

from .cadence import Cadence
from .continuity import Continuity
from .devices import DeviceError, alone
from .live import BLOCK_S, RING_S, LiveSource
from .pulse import Recording
from .source import SAMPLE_RATE_HZ

_LOOK_S = 0.2
"""Nobody waits for longer than that without looking whether the server is still there."""

_DRAIN_S = 0.25
"""For so long what is stale is read away: a server sends what it has kept piece by piece."""


class PulseMicrophone(LiveSource):
    """A `Source` over whatever microphone is the server's default; open once it has sounded.

    The server converts it to 16 kHz mono. Raises `pulse.NoServerError` where there is no server,
    another `DeviceError` when it gives no sound. For one thread at a time.
    """

    def __init__(self) -> None:
        # The library warns of odd folders on standard error.
        with alone():
            recording = Recording(BLOCK_S, keep_s=RING_S)
        super().__init__(recording.name, SAMPLE_RATE_HZ, 1)
        self._recording, self._is_open = recording, True
        self._cadence = Cadence(SAMPLE_RATE_HZ)
        self._looked_s = time.monotonic()
        with contextlib.ExitStack() as guard:
            guard.callback(self.close)
            self._await_first_sound()
            guard.pop_all()

    def _await_enough(self, patience_s: float) -> bool:
        """As the name says; the server's end is not raised before its last sound is read."""
        until_s = time.monotonic() + patience_s
        try:
            while not self._has_enough and (left_s := until_s - time.monotonic()) > 0:
                self._take(left_s)
        except DeviceError as error:
            self._end = str(error)
        return self._has_enough

    def _take(self, patience_s: float) -> None:
        """Asleep until what the reader wants is due: each crumb would wake it up."""
        wanted = self._ring.written + self._enough - self._reader.available
        early_s = self._cadence.due_s(wanted) - time.monotonic()
        if early_s > 0:
            # Nobody rings: a bell can be waited for whatever becomes of the clock on the wall.
            self._bell.wait(min(early_s, patience_s))
        self._skip_what_is_stale()
        if self._recording.wait(0.0):
            self._recording.take(self._copy)
            if self._has_enough:
                self._cadence.found()
        elif self._recording.wait(min(_LOOK_S, patience_s)):
            self._recording.take(self._copy)
            self._cadence.saw(self._ring.written, time.monotonic())
        self._looked_s = time.monotonic()

    def _skip_what_is_stale(self) -> None:
        """After more than the ring's length: nobody wants a chime for what was said before it."""
        if (back_s := time.monotonic()) - self._looked_s <= RING_S:
            return
        while (now_s := time.monotonic()) - back_s < _DRAIN_S:
            self._recording.wait(_DRAIN_S / 10)
            self._recording.take(lambda _samples, _missing: None)
        self._missing += round((now_s - self._looked_s) * SAMPLE_RATE_HZ)
        self._cadence = Cadence(SAMPLE_RATE_HZ)
        self._continuity = Continuity(SAMPLE_RATE_HZ)

    def close(self) -> None:
        """Stop and give the microphone back, at once, whether sound comes or not."""
        if self._is_open:
            self._is_open = False
            self._recording.close()
