"""The kinds of events by name, for who wants some of them: ``speech`` means all ``speech.…``."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import get_args

import click
from click.shell_completion import CompletionItem


def kinds() -> list[str]:
    """Every kind that there is."""
    from .events import AnyEvent

    return [str(event.__struct_config__.tag) for event in get_args(AnyEvent)]


def is_wanted(kind: str, topics: Collection[str]) -> bool:
    """Whether one of the topics, or the beginning of its name up to a dot, is meant."""
    return not topics or any(kind == topic or kind.startswith(f"{topic}.") for topic in topics)


def check_topics(
    _ctx: click.Context, _param: click.Parameter, value: str | tuple[str, ...]
) -> tuple[str, ...]:
    """Topics from the command line, several separated by commas; raises `click.BadParameter`."""
    given = (value,) if isinstance(value, str) else value
    topics = tuple(topic for text in given for topic in text.split(",") if topic)
    known = kinds()
    for topic in topics:
        if not any(is_wanted(kind, [topic]) for kind in known):
            near = difflib.get_close_matches(topic, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise click.BadParameter(f"no event is called {topic!r}; {hint}")
    return topics


def complete_topics(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The kinds' names."""
    return [CompletionItem(kind) for kind in kinds() if kind.startswith(incomplete)]
