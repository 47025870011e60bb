"""Plays one short sound at a time, without its caller ever waiting.

The sound server's own loudspeaker is reached by its own library, any other through PortAudio. The
stream is opened for each sound, in a thread of that sound's own: to start the thread costs the
caller 0.05 ms, while opening takes 2 to 20 ms, and a stream that is kept open takes 1.4 % of a core
for playing silence (measured through PulseAudio). Where there is no loudspeaker, that is said once,
and again only after it has played in between.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from ..models.errors import WakefulError
from .chime_tones import Sound
from .devices import alone, portaudio, scans
from .microphones import DEFAULT_NAMES

USUAL_HZ = 48_000
_PATIENCE_S = 5.0
"""A stream that has not ended by so much after its sound never will: the sound server is gone."""

_LATENCY_S = 0.1
"""What PortAudio calls low, 9 ms through PulseAudio, runs dry on a busy machine."""

_CLOSING_S = 0.4
_LOOK_S = 0.05


class NoLoudspeakerError(WakefulError):
    """Nothing can be played: one line says where, why, and what to do."""


def complain(line: str) -> None:
    """As all of ours is said."""
    print(f"wakeful: {line}", file=sys.stderr, flush=True)


class Player:
    """One loudspeaker, by part of its name or its number (empty: the default one)."""

    def __init__(self, device: str = "", tell: Callable[[str], None] = complain) -> None:
        self._device, self._tell = device, tell
        self._threads: list[threading.Thread] = []
        self._ends_at = 0.0
        self._stopping = threading.Event()
        self._told = False

    @property
    def is_busy(self) -> bool:
        """Whether there is still something to be heard, or to be given back to the system."""
        return any(thread.is_alive() for thread in self._threads)

    def play(self, sound: Sound, rate_hz: int = USUAL_HZ) -> bool:
        """Begin with a sound and return at once; False if it would fall into the last one."""
        now = time.monotonic()
        if now < self._ends_at or self._stopping.is_set():
            return False
        # Until a sound server has let go of the last one, up to 2 s may pass: two can overlap.
        self._ends_at = now + len(sound) / rate_hz
        thread = threading.Thread(
            target=self._play, args=(sound, rate_hz), name="chime", daemon=True
        )
        self._threads = [*(t for t in self._threads if t.is_alive()), thread]
        thread.start()
        return True

    def close(self) -> None:
        """Stop in the middle, if need be; waits 0.4 s at most."""
        self._stopping.set()
        until = time.monotonic() + _CLOSING_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _play(self, sound: Sound, rate_hz: int) -> None:
        try:
            begin(self._device, sound, rate_hz).run(self._stopping)
        except WakefulError as error:
            if not self._told:
                self._tell(f"{error}; chimes are left out")
            self._told, self._ends_at = True, 0.0
        else:
            self._told = False


class Begun(Protocol):
    """A sound that is being played."""

    def run(self, stopping: threading.Event) -> None:
        """Until it is over or `stopping`; raises a `WakefulError` if it never is."""


def begin(device: str, sound: Sound, rate_hz: int) -> Begun:
    """Open the loudspeaker that is meant, and play. Raises a `WakefulError`."""
    if device.lower() in DEFAULT_NAMES:
        from .pulse import NoServerError
        from .pulse_playing import PulsePlaying

        patience_s = len(sound) / rate_hz + _PATIENCE_S
        try:
            return PulsePlaying(_frames(sound, 1), rate_hz, _LATENCY_S, patience_s)
        except NoServerError:
            pass
    return Playing(device, sound, rate_hz)


class Playing:
    """One stream, from its opening to its end. Raises a `WakefulError` where it can't be opened."""

    def __init__(self, device: str, sound: Sound, rate_hz: int) -> None:
        sd = portaudio()
        self._left = memoryview(b"")
        self._ended = threading.Event()
        self._done = sd.CallbackStop
        with alone():
            index, name, channels, its_rate_hz = _choose(sd, device)
            if not _takes(sd, index, rate_hz, 1):
                sound, rate_hz = _resampled(sound, rate_hz, its_rate_hz), its_rate_hz
            else:
                channels = 1
            self._length_s = len(sound) / rate_hz
            self._left = memoryview(_frames(sound, channels))
            self._scans = scans()
            try:
                self._stream = sd.RawOutputStream(
                    samplerate=rate_hz,
                    device=index,
                    channels=channels,
                    dtype="int16",
                    latency=_LATENCY_S,
                    callback=self._called_back,
                    finished_callback=self._ended.set,
                )
                self._stream.start()
            except sd.PortAudioError as error:
                reason = str(error).splitlines()[0]
                raise NoLoudspeakerError(
                    f"loudspeaker {name!r} can't be opened ({reason})"
                ) from error

    def _called_back(self, wanted: Any, _frames: int, _time: Any, _status: Any) -> None:
        """In PortAudio's thread: copy, and silence after the end."""
        count = min(len(wanted), len(self._left))
        wanted[:count] = self._left[:count]
        wanted[count:] = bytes(len(wanted) - count)
        self._left = self._left[count:]
        if not len(self._left):
            raise self._done

    def run(self, stopping: threading.Event) -> None:
        """Until the sound is over or `stopping`; raises `NoLoudspeakerError` if it never is."""
        left = self._length_s + _PATIENCE_S
        try:
            while not self._ended.wait(_LOOK_S) and not stopping.is_set() and left > 0:
                left -= _LOOK_S
                if self._scans != scans():
                    return
        finally:
            self._close()
        if left <= 0:
            raise NoLoudspeakerError("the loudspeaker takes no sound; its sound server may be gone")

    def _close(self) -> None:
        with alone():
            # Whoever looked for devices anew has ended every stream, and this one is no more.
            if self._scans == scans():
                self._stream.abort(ignore_errors=True)
                self._stream.close(ignore_errors=True)


def _choose(sd: Any, wanted: str) -> tuple[int, str, int, int]:
    """Number, name, channels and rate of the loudspeaker that is meant."""
    found = [
        (
            index,
            device["name"],
            min(2, device["max_output_channels"]),
            round(device["default_samplerate"]),
        )
        for index, device in enumerate(sd.query_devices())
        if device["max_output_channels"] > 0
    ]
    if not found:
        raise NoLoudspeakerError("no loudspeaker: PortAudio finds no device with an output")
    if not wanted:
        default = int(sd.default.device[1])
        return next((one for one in found if one[0] == default), found[0])
    fitting = [one for one in found if str(one[0]) == wanted or one[1].lower() == wanted.lower()]
    fitting = fitting or [one for one in found if wanted.lower() in one[1].lower()]
    if len(fitting) != 1:
        listed = "; ".join(f"{index} {name}" for index, name, _, _ in fitting or found)
        problem = "fits more than one of" if fitting else "is not one of"
        raise NoLoudspeakerError(f"loudspeaker {wanted!r} {problem} these: {listed}")
    return fitting[0]


def _takes(sd: Any, index: int, rate_hz: int, channels: int) -> bool:
    try:
        sd.check_output_settings(device=index, channels=channels, dtype="int16", samplerate=rate_hz)
    except sd.PortAudioError:
        return False
    return True


def _resampled(sound: Sound, rate_hz: int, wanted_hz: int) -> Sound:
    if rate_hz == wanted_hz:
        return sound
    import soxr

    return np.asarray(soxr.resample(sound, rate_hz, wanted_hz), np.float32)


def _frames(sound: Sound, channels: int) -> bytes:
    """The same on every channel, as 16 bits."""
    mono = np.rint(sound.clip(-1, 1) * 32_767).astype(np.int16)
    return np.repeat(mono, channels).tobytes()
