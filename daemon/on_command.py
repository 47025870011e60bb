"""``wakeful on``: run a program for each event."""

from __future__ import annotations

import click

from .kinds import check_topics, complete_topics, is_wanted
from .options import config_option


@click.command()
@click.argument(
    "topics", metavar="EVENT[,EVENT...]", callback=check_topics, shell_complete=complete_topics
)
@click.argument("command", metavar="-- COMMAND...", nargs=-1, required=True)
@click.option(
    "--at-once",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="So many of them may run; further events wait.",
)
@click.option("--since", type=click.IntRange(min=0), metavar="SEQ", help="Begin with this event.")
@click.option("--count", type=click.IntRange(min=1), help="End after so many events.")
@config_option
def on(
    topics: tuple[str, ...],
    command: tuple[str, ...],
    at_once: int,
    since: int | None,
    count: int | None,
    config_file: str | None,
) -> None:
    """Run a program for each event of a kind.

    \b
    wakeful on wake -- notify-send "I am listening"
    wakeful on wake,audio.lost -- ./lamp.py
    wakeful on command -- sh -c 'echo "$WAKEFUL_LABEL" >> commands.txt'

    The event is in the program's environment, each field by its name in capitals as WAKEFUL_EVENT
    or WAKEFUL_KEYWORD, the whole of it as JSON in WAKEFUL_JSON and on standard input. No shell
    looks at it. A program that is slow makes the others wait, and nothing is lost.
    """
    from .config import load
    from .events_command import say
    from .following import following
    from .runner import Runner

    runner = Runner(command, at_once, say)
    try:
        for event in following(load(config_file).bus, since, say):
            if event and is_wanted(event.kind, topics):
                runner.add(event)
                count = count and count - 1
            runner.tend()
            if count == 0:
                break
    except KeyboardInterrupt:
        runner.give_up()
        raise
    runner.finish()
