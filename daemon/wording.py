"""An event's JSON in the words of a person, whatever version of the daemon wrote it.

Light: it needs neither the pipeline nor numpy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from .events import Event

Fields = dict[str, Any]


def _alive(event: Fields) -> str:
    state = "muted" if event["muted"] else "microphone lost" if event["lost"] else "listens"
    return f"{state}, {event['heard_s']:.0f} s heard, {event['wakes']} wakes"


def _ordered(event: Fields) -> str:
    slots = "".join(f", {name}: {value}" for name, value in event.get("slots", {}).items())
    return f"{event['label']}{slots}  {event['confidence']:.2f}, {event['took_ms']:.0f} ms"


_WORDS: dict[str, Callable[[Fields], str]] = {
    "ready": lambda e: f"{', '.join(e['models'])} on {e['source']}",
    "wake": lambda e: f"{e['keyword']}  {e['score']:.2f}  {e.get('speaker', '')}",
    "stranger": lambda e: f"{e['keyword']}  {e['score']:.2f}, likeness {e['likeness']:.2f}",
    "speech.end": lambda e: f"{e['duration_s']:.2f} s, {e['ending']}",
    "command": _ordered,
    "digits": lambda e: f"{e['text'] or '-'}  {e['confidence']:.2f}, {e['took_ms']:.0f} ms",
    "transcript": lambda e: f"{e['text'] or '-'}  {e['confidence']:.2f}, {e['took_ms']:.0f} ms",
    "saved": lambda e: str(e["path"]),
    "unanswered": lambda e: f"{e['recognizer']}: {e['reason']}",
    "overflow": lambda e: f"{e['lost_samples']} samples lost",
    "audio.lost": lambda e: str(e["reason"]),
    "audio.restored": lambda e: f"after {e['lost_s']:.1f} s",
    "worker.died": lambda e: f"{e['recognizer']}: {e['reason']}",
    "heartbeat": _alive,
    "config.reloaded": lambda e: e["error"] or ", ".join(e["models"]),
    "muted": lambda e: "muted" if e["muted"] else "listens again",
    "bye": lambda e: str(e["reason"]),
}


def words_of(body: bytes) -> tuple[float, str]:
    """The wall time of an event, and what it says beyond its kind; raises `DecodeError`.

    One that isn't known, or has changed, is shown as it is.
    """
    event: Fields = msgspec.json.decode(body)
    say = _WORDS.get(event.get("event", ""))
    try:
        words = say(event) if say else ""
    except (KeyError, TypeError, ValueError):
        say, words = None, body.decode()
    known = say or set(event) <= {"event", "seq", "schema", "time", "sample", "source"}
    return float(event.get("time", 0.0)), (words if known else body.decode()).strip()


def said(event: Event) -> str:
    """The same for an event of our own."""
    from .events import encode

    return words_of(encode(event))[1]
