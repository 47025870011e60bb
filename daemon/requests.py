"""What can be asked of a running daemon, and what it answers: one small struct each, as JSON.

A request names itself in `request`, a reply in `reply`. `id` is whatever the asker likes, and comes
back; `schema` is the version of what is asked for.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

SCHEMA = 1
MOST_EVENTS = 256
"""In one reply; who wants more asks again from `next`."""


class Request(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="request", forbid_unknown_fields=True
):
    """What every request may carry."""

    id: Annotated[str, Meta(max_length=64)] = ""
    schema: Annotated[int, Meta(ge=1, le=SCHEMA)] = SCHEMA


class AskStatus(Request, frozen=True, kw_only=True, tag="status"):
    """How is it?"""


class AskReady(Request, frozen=True, kw_only=True, tag="ready"):
    """The same, answered only once it listens."""


class Mute(Request, frozen=True, kw_only=True, tag="mute"):
    """Hear nothing until `unmute`."""


class Unmute(Request, frozen=True, kw_only=True, tag="unmute"):
    """Listen again."""


class SetThreshold(Request, frozen=True, kw_only=True, tag="threshold"):
    """Fire at another probability until the next reload: one model, or all of them."""

    threshold: Annotated[float, Meta(gt=0, lt=1)]
    model: str | None = None


class Reload(Request, frozen=True, kw_only=True, tag="reload"):
    """Read the configuration and the models again; `config.reloaded` says how it went."""


class Replay(Request, frozen=True, kw_only=True, tag="replay"):
    """The kept events from number `since` on; without it, just where they stand."""

    since: Annotated[int, Meta(ge=0)] | None = None
    most: Annotated[int, Meta(ge=1, le=MOST_EVENTS)] = MOST_EVENTS


class Stop(Request, frozen=True, kw_only=True, tag="stop"):
    """End, with `bye`."""


AnyRequest = AskStatus | AskReady | Mute | Unmute | SetThreshold | Reload | Replay | Stop


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a daemon stands: what a late subscriber needs, `ready`'s fields among it."""

    ready: bool
    """Whether it has heard its first sound."""
    source: str
    models: list[str]
    thresholds: dict[str, float]
    """Each model's, as it is now."""
    muted: bool
    lost: bool
    """Whether the microphone is gone."""
    heard_s: float
    """How much sound it has heard in this run."""
    wakes: int


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag_field="reply"):
    """What every reply carries; `run` tells two runs of the daemon apart."""

    id: str
    schema: int = SCHEMA
    run: str
    last: int
    """The number of the latest event; -1 before the first."""


class Status(Reply, frozen=True, kw_only=True, tag="status"):
    """How it is."""

    ready: bool
    source: str
    models: list[str]
    thresholds: dict[str, float]
    muted: bool
    lost: bool
    heard_s: float
    wakes: int
    kept_from: int
    """The oldest event that can still be asked for; `last` + 1 if there is none."""
    version: str
    pid: int


class Done(Reply, frozen=True, kw_only=True, tag="done"):
    """It is done, or, of `reload` and `stop`, begun: events tell the rest."""


class Events(Reply, frozen=True, kw_only=True, tag="events"):
    """Kept events in their order. Those from what was asked for up to `kept_from` are gone."""

    events: list[Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": "#/$defs/Event"})]]
    kept_from: int
    next: int
    """Where to ask on; `last` + 1 once nothing is missing."""


class Failure(Reply, frozen=True, kw_only=True, tag="error"):
    """It could not be done: `error` for programs, `message` for people.

    ``unreadable``: no JSON; ``unknown``: no such request; ``invalid``: a field is wrong;
    ``refused``: understood, and impossible.
    """

    error: str
    message: str


AnyReply = Status | Done | Events | Failure

_REPLIES: msgspec.json.Decoder[AnyReply] = msgspec.json.Decoder(AnyReply)
_REQUESTS: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_ENCODER = msgspec.json.Encoder()


class RequestError(Exception):
    """Bytes that are no request: the `error` and the `message` of the answer."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error, self.message = error, message


def encode(message: Request | Reply) -> bytes:
    """A request or a reply as JSON."""
    return _ENCODER.encode(message)


def decode_reply(body: bytes) -> AnyReply:
    """What the daemon said; raises `msgspec.DecodeError`."""
    return _REPLIES.decode(body)


def decode_request(body: bytes) -> AnyRequest:
    """What somebody asked, whoever they are; raises `RequestError` and nothing else."""
    try:
        return _REQUESTS.decode(body)
    except msgspec.ValidationError as error:
        what = str(error)
        is_unknown = what.endswith("`$.request`") or "required field `request`" in what
        raise RequestError("unknown" if is_unknown else "invalid", what) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError("unreadable", str(error)) from error
    except RecursionError as error:
        raise RequestError("unreadable", "nested too deeply") from error
