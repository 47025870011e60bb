"""``wakeful events``: what a running daemon tells, as it happens."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from .kinds import check_topics, complete_topics, is_wanted
from .options import config_option

if TYPE_CHECKING:
    from .row import Seen


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One event a line, as the daemon sent it.")
@click.option(
    "--topic",
    "-t",
    "topics",
    multiple=True,
    callback=check_topics,
    shell_complete=complete_topics,
    help="Only these, as in wake or speech; may be repeated.",
)
@click.option(
    "--since", type=click.IntRange(min=0), metavar="SEQ", help="Begin with this past event."
)
@click.option("--count", type=click.IntRange(min=1), help="End after so many.")
@config_option
def events(
    as_json: bool,
    topics: tuple[str, ...],
    since: int | None,
    count: int | None,
    config_file: str | None,
) -> None:
    """Print the events of a running daemon, until Ctrl-C.

    \b
    Everything from now on:     wakeful events
    For programs:               wakeful events --json --topic wake | jq -r --unbuffered .keyword
    What was kept, and on:      wakeful events --since 0
    Wait for the next word:     wakeful events --topic wake --count 1

    Where no daemon is there it waits for one. What was missed, by a slow reader or while the daemon
    was restarted, is asked for again; what can't be had any more is told on standard error.
    """
    from .config import load
    from .following import following

    show = as_json_line if as_json else as_line
    for event in following(load(config_file).bus, since, say):
        if event and is_wanted(event.kind, topics):
            show(event)
            if count is not None and (count := count - 1) == 0:
                return


def say(line: str) -> None:
    """Tell a person something that is no event."""
    click.echo(f"wakeful: {line}", err=True)


def as_json_line(event: Seen) -> None:
    """The event as the daemon sent it."""
    sys.stdout.buffer.write(event.body + b"\n")
    sys.stdout.buffer.flush()


def as_line(event: Seen) -> None:
    """The event in the words of a person."""
    from .printable import printable
    from .wording import words_of

    when_s, words = words_of(event.body)
    clock = time.strftime("%H:%M:%S", time.localtime(when_s))
    kind = click.style(f"{event.kind:15}", fg="green" if event.kind == "wake" else None)
    click.echo(f"{clock} {event.seq:7}  {kind} {printable(words)}".rstrip())
    sys.stdout.flush()
