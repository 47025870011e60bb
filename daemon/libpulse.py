"""What we call of PulseAudio's C library: its types, its numbers and its functions' signatures."""

from __future__ import annotations

import ctypes
import functools
import sys
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_uint8, c_uint32, c_void_p
from typing import Any

NAME = "libpulse.so.0"
NO_AUTOSPAWN, ADJUST_LATENCY = 0x1, 0x2000
CONTEXT_READY = 4
STREAM_READY = 2
INT16 = 3 if sys.byteorder == "little" else 4
NO_SUCH_ENTITY = 5
SERVER_DECIDES = 0xFFFF_FFFF


class Format(ctypes.Structure):
    """Of samples."""

    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class Buffer(ctypes.Structure):
    """How much of a stream waits where, in bytes."""

    _fields_ = tuple(
        (name, c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    )


class SourceInfo(ctypes.Structure):
    """The beginning of what the server says about a source; the rest isn't looked at."""

    _fields_ = (("name", c_char_p), ("index", c_uint32), ("description", c_char_p))


Drained = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_void_p)
SourceTold = ctypes.CFUNCTYPE(None, c_void_p, POINTER(SourceInfo), c_int, c_void_p)

_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "pa_mainloop_new": (c_void_p, []),
    "pa_mainloop_get_api": (c_void_p, [c_void_p]),
    "pa_mainloop_prepare": (c_int, [c_void_p, c_int]),
    "pa_mainloop_poll": (c_int, [c_void_p]),
    "pa_mainloop_dispatch": (c_int, [c_void_p]),
    "pa_mainloop_iterate": (c_int, [c_void_p, c_int, c_void_p]),
    "pa_mainloop_free": (None, [c_void_p]),
    "pa_context_new": (c_void_p, [c_void_p, c_char_p]),
    "pa_context_connect": (c_int, [c_void_p, c_char_p, c_int, c_void_p]),
    "pa_context_get_state": (c_int, [c_void_p]),
    "pa_context_errno": (c_int, [c_void_p]),
    "pa_context_get_source_info_by_index": (c_void_p, [c_void_p, c_uint32, SourceTold, c_void_p]),
    "pa_context_disconnect": (None, [c_void_p]),
    "pa_context_unref": (None, [c_void_p]),
    "pa_operation_cancel": (None, [c_void_p]),
    "pa_operation_unref": (None, [c_void_p]),
    "pa_stream_new": (c_void_p, [c_void_p, c_char_p, POINTER(Format), c_void_p]),
    "pa_stream_connect_record": (c_int, [c_void_p, c_char_p, POINTER(Buffer), c_int]),
    "pa_stream_connect_playback": (
        c_int,
        [c_void_p, c_char_p, POINTER(Buffer), c_int, c_void_p, c_void_p],
    ),
    "pa_stream_write": (c_int, [c_void_p, c_char_p, c_size_t, c_void_p, c_int64, c_int]),
    "pa_stream_drain": (c_void_p, [c_void_p, Drained, c_void_p]),
    "pa_stream_get_state": (c_int, [c_void_p]),
    "pa_stream_get_device_index": (c_uint32, [c_void_p]),
    "pa_stream_get_device_name": (c_char_p, [c_void_p]),
    "pa_stream_readable_size": (c_size_t, [c_void_p]),
    "pa_stream_peek": (c_int, [c_void_p, POINTER(c_void_p), POINTER(c_size_t)]),
    "pa_stream_drop": (c_int, [c_void_p]),
    "pa_stream_disconnect": (c_int, [c_void_p]),
    "pa_stream_unref": (None, [c_void_p]),
    "pa_strerror": (c_char_p, [c_int]),
}


@functools.cache
def library() -> Any:
    """The library with its types, or None where it isn't installed."""
    try:
        library = ctypes.CDLL(NAME)
    except OSError:
        return None
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
