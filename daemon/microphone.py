"""The microphone through PortAudio: whatever rate and channels it has, 16 kHz mono to the pipeline.

PortAudio's thread calls back with a few milliseconds of sound, which go into the ring.
"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from .devices import DeviceError, InputDevice, alone, choose, portaudio
from .live import BLOCK_S, LiveSource
from .source import SAMPLE_RATE_HZ


class Microphone(LiveSource):
    """A `Source` over one input device; it is open once its first sound has come.

    Raises `DeviceError` when it can't be opened or gives no sound.
    """

    def __init__(self, device: str = "") -> None:
        self.device = choose(device)
        super().__init__(self.device.name, *_format(self.device))
        self._block = round(self.rate_hz * BLOCK_S)
        with contextlib.ExitStack() as guard:
            self._stream = self._open(guard)
            self._await_first_sound()
            guard.pop_all()

    def _open(self, guard: contextlib.ExitStack) -> Any:
        """A started stream, which the guard closes unless it is told otherwise."""
        sd = portaudio()
        try:
            # PortAudio prints where in its source a device said no; the exception says it better.
            with alone():
                stream = sd.RawInputStream(
                    samplerate=self.rate_hz,
                    blocksize=self._block,
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
        """In PortAudio's thread. How much an overflow has cost is not said: a block."""
        self._came(np.frombuffer(sound, np.int16), self._block if status.input_overflow else 0)

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
