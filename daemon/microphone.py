"""The microphone as a source: whatever rate and channels it has, 16 kHz mono to the pipeline.

PortAudio's thread calls back with a few milliseconds of sound; the callback copies it into a
preallocated ring and rings a bell, nothing else. The reader's thread mixes and resamples.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

import numpy as np

from .continuity import Continuity
from .devices import DeviceError, InputDevice, alone, choose, portaudio
from .resample import Resampler
from .ring import Ring
from .source import SAMPLE_RATE_HZ, Samples
from .stillness import Stillness

_BLOCK_S = 0.03
"""Half of the pipeline's blocks, with which it keeps step. Shorter ones cost more than all the rest
of listening; those of 60 ms come 40 ms later, since sound servers hold back one of them whole.
"""

_RING_S = 4.0
_SILENT_S = 1.9
"""A device that calls back no more for this long is gone, whatever it says."""

_FIRST_SOUND_S = 6.0
"""A sound server may take longer over the first sound: PulseAudio's sinks work 2 s ahead."""


class Microphone:
    """A `Source` over one input device; it is open once its first sound has come.

    Raises `DeviceError` when it can't be opened or gives no sound; `read` raises it when sound
    stops coming, has a gap, or is stuck at one number: nothing from before belongs to what follows.
    """

    def __init__(self, device: str = "") -> None:
        self.device = choose(device)
        self.name = f"mic:{self.device.name}"
        self.rate_hz, self.channels = _format(self.device)
        self._resampler = Resampler(self.rate_hz, self.channels)
        self._ring = Ring(round(_RING_S * self.rate_hz) * self.channels)
        self._reader = self._ring.reader()
        self._bell = threading.Event()
        self._overflows = 0
        self._ready: Samples = np.zeros(0, np.int16)
        self._stillness = Stillness()
        with contextlib.ExitStack() as guard:
            self._stream = self._open(guard)
            self._wait(_FIRST_SOUND_S)
            guard.pop_all()
        # What has come by now was heard before now.
        self.opened_at = time.time() - self._reader.available / self.channels / self.rate_hz
        self._continuity = Continuity(self.rate_hz)

    def _open(self, guard: contextlib.ExitStack) -> Any:
        """A started stream, which the guard closes unless it is told otherwise."""
        sd = portaudio()
        try:
            # PortAudio prints where in its source a device said no; the exception says it better.
            with alone():
                stream = sd.RawInputStream(
                    samplerate=self.rate_hz,
                    blocksize=round(self.rate_hz * _BLOCK_S),
                    device=self.device.index,
                    channels=self.channels,
                    dtype="int16",
                    latency="low",
                    callback=self._called_back,
                )
                guard.callback(stream.close, ignore_errors=True)
                stream.start()
        except sd.PortAudioError as error:
            raise DeviceError(_refusal(self.device, error)) from error
        return stream

    def _called_back(self, sound: Any, _frames: int, _time: Any, status: Any) -> None:
        """In PortAudio's thread: copy, count, ring."""
        self._ring.write(np.frombuffer(sound, np.int16))
        if status.input_overflow:
            self._overflows += 1
        self._bell.set()

    @property
    def lost_samples(self) -> int:
        """What the reader came too late for, and a block for each overflow in the device."""
        in_ring = self._reader.lost // self.channels
        in_device = self._overflows * round(self.rate_hz * _BLOCK_S)
        return round((in_ring + in_device) * SAMPLE_RATE_HZ / self.rate_hz)

    def read(self, max_samples: int) -> Samples:
        """At most so many samples, as soon as some are there; never empty.

        Raises `DeviceError` when the device has given nothing, or nothing live, for two seconds,
        and when some of its sound is missing.
        """
        while not len(self._ready):
            self._wait(_SILENT_S)
            frames = self._reader.read(self._ring.capacity).reshape(-1, self.channels)
            self._ready = self._resampler.feed(frames)
            self._check()
        samples, self._ready = self._ready[:max_samples], self._ready[max_samples:]
        return samples

    def _check(self) -> None:
        """What has just come: is it live, and does it follow on what came before?"""
        self._stillness.feed(self._ready)
        broken = self._continuity.check(self._ring.written // self.channels)
        if self._stillness.is_stuck:
            broken = f"it is stuck: each sample is {self._stillness.value}"
        if broken:
            raise DeviceError(f"microphone {self.device.name!r}: {broken}; opening it anew")

    def _wait(self, patience_s: float) -> None:
        if self._reader.available:
            return
        self._bell.clear()
        # A block that came before the bell was cleared has to be seen here.
        if not self._reader.available and not self._bell.wait(patience_s):
            raise DeviceError(
                f"microphone {self.device.name!r} has given no sound for {patience_s:.0f} s; "
                "it may be unplugged, or its sound server gone"
            )

    def close(self) -> None:
        """Stop and give the device back."""
        # What hangs now is given back when the process ends.
        with contextlib.suppress(DeviceError), alone():
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)


def _format(device: InputDevice) -> tuple[int, int]:
    """16 kHz mono where the device takes it, else what it likes best."""
    sd = portaudio()
    try:
        with alone():
            sd.check_input_settings(
                device=device.index, channels=1, dtype="int16", samplerate=SAMPLE_RATE_HZ
            )
    except sd.PortAudioError:
        return device.rate_hz, min(device.channels, 2)
    return SAMPLE_RATE_HZ, 1


def _refusal(device: InputDevice, error: Exception) -> str:
    reason = str(error).splitlines()[0]
    busy = "unavailable" in reason.lower() or "busy" in reason.lower()
    advice = "another program holds it" if busy else "try another: wakeful devices"
    return f"microphone {device.name!r} can't be opened ({reason}); {advice}"
