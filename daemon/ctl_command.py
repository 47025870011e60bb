"""``wakeful ctl``: ask a running daemon, or steer it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .printable import printable

if TYPE_CHECKING:
    from .caller import Caller
    from .requests import AnyReply, Events, Request

F = TypeVar("F", bound=Callable[..., None])
_LOOK_S = 0.1


def common(command: F) -> F:
    """The options that all of them have."""
    config = click.option("--config", type=click.Path(), help="Another configuration file.")
    as_json = click.option("--json", "as_json", is_flag=True, help="The daemon's reply as it is.")
    return as_json(config(command))


@click.group()
def ctl() -> None:
    """Ask a running daemon how it is, or steer it.

    \b
    wakeful ctl status
    wakeful ctl mute
    wakeful ctl threshold 0.7 --model activate
    wakeful ctl reload

    Exits with 1, and a line on standard error, if no daemon answers or if it refuses.
    """


@ctl.command()
@common
def status(config: str | None, as_json: bool) -> None:
    """Show how it is.

    \b
    wakeful ctl status --json | jq .wakes
    """
    from .requests import AskStatus

    _show_status(_asked(config, AskStatus()), as_json)


@ctl.command()
@click.option("--timeout", "timeout_s", type=click.FloatRange(0.1, 3600), default=30.0)
@common
def ready(timeout_s: float, config: str | None, as_json: bool) -> None:
    """Wait until it listens.

    \b
    wakeful ctl ready --timeout 60 && echo "say the word"
    """
    from .requests import AskReady

    _show_status(_asked(config, AskReady(), timeout_s), as_json)


@ctl.command()
@common
def mute(config: str | None, as_json: bool) -> None:
    """Let it hear nothing until unmute.

    \b
    wakeful ctl mute
    """
    from .requests import Mute

    _show_done(_asked(config, Mute()), as_json, "muted")


@ctl.command()
@common
def unmute(config: str | None, as_json: bool) -> None:
    """Let it listen again.

    \b
    wakeful ctl unmute
    """
    from .requests import Unmute

    _show_done(_asked(config, Unmute()), as_json, "listens")


@ctl.command()
@click.argument("threshold", type=click.FloatRange(0, 1, min_open=True, max_open=True))
@click.option("--model", "-m", help="Only this one; without it, all of them.")
@common
def threshold(threshold: float, model: str | None, config: str | None, as_json: bool) -> None:
    """Fire at another probability, until it is reloaded or restarted.

    \b
    wakeful ctl threshold 0.7
    wakeful ctl threshold 0.7 --model activate
    """
    from .requests import SetThreshold

    request = SetThreshold(threshold=threshold, model=model)
    _show_done(_asked(config, request), as_json, f"fires at {threshold:g}")


@ctl.command()
@click.option("--timeout", "timeout_s", type=click.FloatRange(0.1, 600), default=20.0)
@common
def reload(timeout_s: float, config: str | None, as_json: bool) -> None:
    """Let it read its configuration and models again; say how that went.

    \b
    wakeful ctl reload && wakeful ctl status
    """
    from .caller import Caller, NobodyAnswersError, RefusedError
    from .config import load
    from .requests import Reload

    with Caller(load(config).bus) as caller:
        since = caller.ask(Reload()).last + 1
        event = _awaited(caller, "config.reloaded", since, timeout_s)
    if event is None:
        raise NobodyAnswersError(f"it has not told within {timeout_s:g} s how reloading went")
    if as_json:
        _write(event)
    if error := _field(event, "error"):
        raise RefusedError(f"not reloaded, the former configuration stays: {error}")
    if not as_json:
        late = ", ".join(_field(event, "restart_needed_for") or [])
        click.echo(f"reloaded; only a restart changes {late}" if late else "reloaded")


@ctl.command()
@click.option("--since", type=click.IntRange(min=0), default=0, metavar="SEQ", show_default=True)
@common
def replay(since: int, config: str | None, as_json: bool) -> None:
    """Print the events that were kept, from one of them on.

    \b
    wakeful ctl replay --since 120 --json
    """
    from .caller import Caller
    from .config import load
    from .events_command import as_json_line, as_line, say
    from .row import Began, Missed, Row, Seen

    with Caller(load(config).bus) as caller:
        row = Row(lambda seq: _page(caller, seq), since)
        for item in row.connected():
            match item:
                case Seen():
                    (as_json_line if as_json else as_line)(item)
                case Missed():
                    say(f"events {item.first} to {item.last} can't be had any more")
                case Began():
                    say(f"there is no event {since} yet; these are all that were kept")


@ctl.command()
@common
def stop(config: str | None, as_json: bool) -> None:
    """Let it end.

    \b
    wakeful ctl stop
    """
    from .requests import Stop

    _show_done(_asked(config, Stop()), as_json, "ends")


def _asked(config: str | None, request: Request, patience_s: float | None = None) -> AnyReply:
    from .caller import PATIENCE_S, Caller
    from .config import load

    with Caller(load(config).bus) as caller:
        return caller.ask(request, patience_s or PATIENCE_S)


def _page(caller: Caller, since: int | None) -> Events | None:
    from .requests import Events, Replay

    reply = caller.ask(Replay(since=since))
    return reply if isinstance(reply, Events) else None


def _awaited(caller: Caller, kind: str, since: int, timeout_s: float) -> bytes | None:
    """The first event of a kind from a number on, as soon as it has happened."""
    from .row import seen

    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        page = _page(caller, since)
        for body in page.events if page else []:
            event = seen(bytes(body))
            since = event.seq + 1
            if event.kind == kind:
                return event.body
        time.sleep(_LOOK_S)
    return None


def _field(event: bytes, name: str) -> Any:
    import msgspec

    return msgspec.json.decode(event).get(name)


def _show_status(reply: AnyReply, as_json: bool) -> None:
    import msgspec

    if as_json:
        _write(msgspec.json.encode(reply))
        return
    for name, value in _rows(msgspec.to_builtins(reply)).items():
        click.echo(f"{name:11} {value}")


def _rows(status: dict[str, Any]) -> dict[str, str]:
    """What a person wants to know, in the order in which they want to know it."""
    state = "listens" if status["ready"] else "starts"
    state = "has lost its microphone" if status["lost"] else state
    fires = (f"{name} at {at:g}" for name, at in status["thresholds"].items())
    return {
        "state": "is muted" if status["muted"] else state,
        "models": ", ".join(fires) or ", ".join(status["models"]),
        "source": printable(status["source"]),
        "heard": f"{status['heard_s']:.0f} s, {status['wakes']} wakes",
        "events": f"{status['last'] + 1}, kept from {status['kept_from']}",
        "process": f"{status['pid']}, wakeful {status['version']}, run {status['run']}",
    }


def _show_done(reply: AnyReply, as_json: bool, done: str) -> None:
    import msgspec

    if as_json:
        _write(msgspec.json.encode(reply))
    else:
        click.echo(done)


def _write(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
