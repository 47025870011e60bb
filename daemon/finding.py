"""What an examination found: one line each, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from ..models.errors import WakefulError
from .settings import Settings

State = Literal["ok", "warning", "failed", "skipped"]


class Finding(msgspec.Struct, frozen=True):
    """How one thing is; `advice` says what to do where it isn't well."""

    check: str
    state: State
    text: str
    advice: str = ""


@dataclass(frozen=True)
class Case:
    """What is examined: the settings in force, and the configuration file named, if one was."""

    settings: Settings
    config: str | None = None


Check = Callable[[Case], Iterable[Finding]]


def examine(name: str, check: Check, case: Case) -> Iterator[Finding]:
    """A check's findings as they are made; an error that a user can mend is one of them."""
    try:
        yield from check(case)
    except WakefulError as error:
        text, _, advice = str(error).partition("; ")
        yield Finding(name, "failed", text, advice)
