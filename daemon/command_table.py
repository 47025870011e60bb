"""Groups of commands that are imported when they are wanted, from a table of where each one is."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

Table = Mapping[str, tuple[str, str]]
"""Name -> (``module:attribute``, its line in the help)."""


def load_command(place: str) -> click.Command:
    """The command at ``module:attribute``; a leading dot stands for this package."""
    module, _, attribute = place.partition(":")
    command = getattr(importlib.import_module(module, __package__), attribute)
    assert isinstance(command, click.Command)
    return command


class CommandTable(click.Group):
    """A group by a table: asking for its help, or for a name, imports no command that isn't run."""

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the table's order: what is wanted most comes first."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, loaded; None when there is no such one."""
        return load_command(self.table[cmd_name][0]) if cmd_name in self.table else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown command is answered with the nearest one."""
        if args and not args[0].startswith("-") and args[0] not in self.table:
            near = difflib.get_close_matches(args[0], self.table, n=1, cutoff=0.4)
            path = ctx.command_path
            hint = f"did you mean  {path} {near[0]} ?" if near else f"see  {path} --help"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table itself: asking each command for its line would import them all."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The table again, for the same reason; flags as click does."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        fitting = (row for row in self.table.items() if row[0].startswith(incomplete))
        return [CompletionItem(name, help=line) for name, (_, line) in fitting]
