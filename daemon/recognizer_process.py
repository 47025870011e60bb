"""The process in which a recognizer works: loads it once, then answers one task after another.

``python -m wakeful.daemon.recognizer_process SOCKET MEMORY SLOT_SAMPLES``, with two inherited
descriptors. It ends with the daemon: at the end of the socket's stream, or by the kernel's hand
where it is busy just then.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys

from ..models.errors import WakefulError
from ..models.orphan import die_with_parent
from . import recognizer_messages as messages
from .printable import printable
from .recognizer import Recognizer, RecognizerError, load_recognizer, manner_of
from .sound_slots import SharedSound

_NICE = 5


def main() -> None:
    """Answer until the daemon has no more to ask."""
    fd, memory, slot_samples = map(int, sys.argv[1:4])
    # The daemon's signals reach its whole terminal or unit; it is the daemon that says when to end.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(PermissionError):  # a sandbox may forbid even that
        os.nice(_NICE)
    die_with_parent()
    with socket.socket(fileno=fd) as daemon:
        try:
            _serve(daemon, SharedSound(memory, slot_samples))
        except (BrokenPipeError, ConnectionResetError):
            return


def _serve(daemon: socket.socket, sound: SharedSound) -> None:
    first = daemon.recv(messages.LONGEST_BYTES)
    if not first:
        return
    order = messages.decode_order(first)
    assert isinstance(order, messages.Load)
    try:
        recognizer = load_recognizer(order.settings)
    except WakefulError as error:
        daemon.send(messages.encode(messages.Unable(printable(str(error)))))
        return
    daemon.send(messages.encode(messages.Loaded(manner_of(recognizer))))
    while packet := daemon.recv(messages.LONGEST_BYTES):
        task = messages.decode_order(packet)
        assert isinstance(task, messages.Task)
        packet = messages.encode(_reply(recognizer, task, sound))
        if len(packet) > messages.LONGEST_BYTES:
            too_long = messages.Refused(task.number, f"an answer of {len(packet)} bytes")
            packet = messages.encode(too_long)
        daemon.send(packet)


def _reply(recognizer: Recognizer, task: messages.Task, sound: SharedSound) -> messages.Reply:
    if not task.samples:
        if recognizer.nothing is None:
            return messages.Refused(task.number, "nothing was said")
        return messages.Done(task.number, recognizer.nothing)
    try:
        heard = recognizer.recognize(sound.read(task.slot, task.samples), task.about)
    except RecognizerError as error:
        reason = printable(str(error))  # which may hold a file's name, and that no text at all
        print(f"wakeful: {reason}", file=sys.stderr, flush=True)
        return messages.Refused(task.number, reason)
    return messages.Done(task.number, heard)


if __name__ == "__main__":
    main()
