"""PulseAudio's client library, as much of it as we need; PipeWire answers it too.

It is turned by whoever calls and asked how things stand: no thread of its own, nothing that calls
back while sound flows, and no call that waits for longer than it is told to. None of it may be
used by two threads at a time.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from ctypes import byref, c_size_t, c_void_p
from typing import Any

import numpy as np

from .devices import DeviceError, NoDeviceError, alone
from .libpulse import (
    ADJUST_LATENCY,
    CONTEXT_READY,
    INT16,
    NAME,
    NO_AUTOSPAWN,
    NO_SUCH_ENTITY,
    SERVER_DECIDES,
    STREAM_READY,
    Buffer,
    Drained,
    Format,
    SourceTold,
    library,
)
from .source import SAMPLE_RATE_HZ, Samples

_ANSWERS_WITHIN_S = 2.0
_BYTES = 2


class NoServerError(DeviceError):
    """Nobody answers, or the library isn't there: sound must be had another way."""


class Connection:
    """To the server that the environment and the user's configuration name; starts none.

    Raises `NoServerError` where there is none, `DeviceError` where it doesn't answer.
    """

    def __init__(self) -> None:
        self._lib = library()
        if self._lib is None:
            raise NoServerError(f"{NAME} is not installed: apt install libpulse0")
        self._loop = self._lib.pa_mainloop_new()
        api = self._lib.pa_mainloop_get_api(self._loop)
        self._context = self._lib.pa_context_new(api, b"wakeful")
        try:
            self._connect()
        except DeviceError:
            self.close()
            raise

    def _connect(self) -> None:
        state = self._lib.pa_context_get_state
        if self._lib.pa_context_connect(self._context, None, NO_AUTOSPAWN, None) >= 0:
            self._until(lambda: state(self._context) >= CONTEXT_READY)
        if state(self._context) != CONTEXT_READY:
            raise NoServerError(f"no sound server: {self._error()}; does it run? pactl info")

    def _until(self, is_so: Callable[[], bool]) -> None:
        """Turn until it is; raises `DeviceError` where the server takes too long."""
        until_s = time.monotonic() + _ANSWERS_WITHIN_S
        while not is_so():
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                raise DeviceError(
                    f"the sound server has not answered for {_ANSWERS_WITHIN_S:.0f} s; "
                    "restart it, or wait for it"
                )
            self._turn(left_s)

    def _turn(self, timeout_s: float) -> None:
        """Wait for the server's next message, for so long at most, and take it in."""
        lib, loop = self._lib, self._loop
        is_ready = lib.pa_mainloop_prepare(loop, int(timeout_s * 1e6)) >= 0
        if not is_ready or lib.pa_mainloop_poll(loop) < 0:
            raise DeviceError(f"the sound server can't be listened to: {self._error()}")
        lib.pa_mainloop_dispatch(loop)

    def _take_in(self) -> None:
        """Whatever the server has sent by now."""
        while self._lib.pa_mainloop_iterate(self._loop, 0, None) > 0:
            pass

    def _error(self) -> str:
        text = self._lib.pa_strerror(self._lib.pa_context_errno(self._context))
        return str(text.decode(errors="replace"))

    def close(self) -> None:
        """Part from it; nothing else may be called after this."""
        self._lib.pa_context_disconnect(self._context)
        self._lib.pa_context_unref(self._context)
        self._lib.pa_mainloop_free(self._loop)


class _Stream(Connection):
    """With one stream, which ends with it."""

    def __init__(self) -> None:
        self._stream: Any = None
        super().__init__()

    def _await_stream(self) -> bool:
        """Whether the server has taken it up; its refusal is no exception yet."""
        state = self._lib.pa_stream_get_state
        self._until(lambda: state(self._stream) >= STREAM_READY)
        return bool(state(self._stream) == STREAM_READY)

    def close(self) -> None:
        """End the stream, and part from the server; waits for neither."""
        if self._stream:
            self._lib.pa_stream_disconnect(self._stream)
            self._lib.pa_stream_unref(self._stream)
        super().close()


class Playback(_Stream):
    """One sound, mono int16, on the loudspeaker that is the server's default."""

    def __init__(self, sound: bytes, rate_hz: int, latency_s: float) -> None:
        super().__init__()
        self._is_over = False
        self._drained = Drained(self._told)
        try:
            self._play(sound, rate_hz, round(latency_s * rate_hz) * _BYTES)
        except DeviceError:
            self.close()
            raise

    def _play(self, sound: bytes, rate_hz: int, latency_bytes: int) -> None:
        lib, form = self._lib, Format(INT16, rate_hz, 1)
        self._stream = lib.pa_stream_new(self._context, b"chime", byref(form), None)
        buffer = Buffer(SERVER_DECIDES, latency_bytes, *[SERVER_DECIDES] * 3)
        lib.pa_stream_connect_playback(
            self._stream, None, byref(buffer), ADJUST_LATENCY, None, None
        )
        if not self._await_stream():
            raise DeviceError(
                f"the sound server gives no loudspeaker ({self._error()}); "
                "look what it has: pactl list short sinks"
            )
        lib.pa_stream_write(self._stream, sound, len(sound), None, 0, 0)
        lib.pa_operation_unref(lib.pa_stream_drain(self._stream, self._drained, None))

    def _told(self, _stream: Any, _is_well: int, _data: Any) -> None:
        self._is_over = True

    def wait(self, timeout_s: float) -> bool:
        """For its end, for so long at most; whether it is over. Raises `DeviceError`."""
        self._turn(timeout_s)
        self._take_in()
        if self._lib.pa_stream_get_state(self._stream) != STREAM_READY:
            raise DeviceError(f"the sound server plays no more ({self._error()})")
        return self._is_over


class Recording(_Stream):
    """16 kHz mono int16 from the microphone that is the server's default, and stays so.

    Raises `NoDeviceError` where the server has none. `name` is what people call it.
    """

    def __init__(self, fragment_s: float, keep_s: float) -> None:
        super().__init__()
        try:
            self._record(_bytes(fragment_s), _bytes(keep_s))
            self.name = self._described() or self._named()
        except DeviceError:
            self.close()
            raise
        self._data, self._size = c_void_p(), c_size_t()

    def _record(self, fragment_bytes: int, keep_bytes: int) -> None:
        lib = self._lib
        form = Format(INT16, SAMPLE_RATE_HZ, 1)
        self._stream = lib.pa_stream_new(self._context, b"listening", byref(form), None)
        buffer = Buffer(keep_bytes, *[SERVER_DECIDES] * 3, fragment_bytes)
        lib.pa_stream_connect_record(self._stream, None, byref(buffer), ADJUST_LATENCY)
        if not self._await_stream():
            raise self._refusal()

    def _refusal(self) -> DeviceError:
        if self._lib.pa_context_errno(self._context) == NO_SUCH_ENTITY:
            return NoDeviceError(
                "no microphone: the sound server has no source; plug one in, "
                "or look what it sees: pactl list short sources"
            )
        return DeviceError(
            f"the sound server gives no microphone ({self._error()}); try another: wakeful devices"
        )

    def _described(self) -> str:
        """What the server's own lists call it; empty where it doesn't say."""
        found: list[str] = []

        def told(_context: Any, info: Any, end: int, _data: Any) -> None:
            found.append("" if end else info.contents.description.decode(errors="replace"))

        index = self._lib.pa_stream_get_device_index(self._stream)
        callback = SourceTold(told)
        operation = self._lib.pa_context_get_source_info_by_index(
            self._context, index, callback, None
        )
        if not operation:
            return ""
        try:
            self._until(lambda: bool(found))
        finally:
            self._lib.pa_operation_cancel(operation)
            self._lib.pa_operation_unref(operation)
        return found[0]

    def _named(self) -> str:
        name = self._lib.pa_stream_get_device_name(self._stream)
        return str(name.decode(errors="replace"))

    def wait(self, timeout_s: float) -> float:
        """For sound, for so long at most; returns how many seconds of it there are.

        Raises `DeviceError` when the server or the source is gone.
        """
        if timeout_s:
            self._turn(timeout_s)
        self._take_in()
        if self._lib.pa_stream_get_state(self._stream) != STREAM_READY:
            raise DeviceError(f"the sound server gives no more ({self._error()})")
        size = int(self._lib.pa_stream_readable_size(self._stream))
        return size / _BYTES / SAMPLE_RATE_HZ

    def take(self, copy: Callable[[Samples, int], None]) -> None:
        """Hand on what there is, with how much is missing; the samples are the library's own."""
        lib, data, size = self._lib, self._data, self._size
        while lib.pa_stream_peek(self._stream, byref(data), byref(size)) >= 0 and size.value:
            count = size.value // _BYTES
            if data.value:
                fragment: Any = (ctypes.c_int16 * count).from_address(data.value)
                copy(np.frombuffer(fragment, np.int16), 0)
            else:
                copy(_NOTHING, count)
            lib.pa_stream_drop(self._stream)


_NOTHING: Samples = np.zeros(0, np.int16)


def _bytes(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE_HZ) * _BYTES


def answers() -> bool:
    """Whether there is a server that does."""
    try:
        with alone():
            Connection().close()
    except DeviceError:
        return False
    return True
