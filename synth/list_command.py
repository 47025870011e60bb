"""``wakeful voices list``: the engines, their voices and licences, and what brings the others."""

from __future__ import annotations

import json
from typing import Any

import click


@click.command("list")
@click.option("--all", "every", is_flag=True, help="Each voice, not just how many.")
@click.option("--json", "as_json", is_flag=True, help="For programs: a list of objects.")
def list_voices(every: bool, as_json: bool) -> None:
    """List engines with voices, languages and licences, and what brings those not installed.

    A licence is the program's / its voices'. Voices in brackets are kept for validation.

    \b
    wakeful voices list --all
    """
    from .engines import ENGINES, installed

    there, _ = installed()
    rows = [_row(name, there.get(name)) for name in ENGINES]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    click.echo(f"{'engine':10} {'voices':>6}  {'licence':26} languages")
    for row in rows:
        _show(row, every)


def _row(name: str, engine: Any) -> dict[str, Any]:
    from .engines import engine_class
    from .sources import SOURCES

    kind = engine_class(name)
    return {
        "name": name,
        "installed": engine is not None,
        "voices": {
            "train": engine.voices(False) if engine else [],
            "validation": engine.voices(True) if engine else [],
        },
        "languages": list(kind.languages),
        "licence": kind.licence,
        "brought_by": SOURCES[name].commands(),
    }


def _show(row: dict[str, Any], every: bool) -> None:
    train, validation = row["voices"]["train"], row["voices"]["validation"]
    count = str(len(train) + len(validation)) if row["installed"] else "-"
    name = click.style(f"{row['name']:10}", fg="green" if row["installed"] else None)
    click.echo(f"{name} {count:>6}  {row['licence']:26} {', '.join(row['languages'])}")
    if not row["installed"]:
        click.echo(f"{'':19}not installed: wakeful voices install {row['name']}")
        click.echo("".join(f"{'':21}{line}\n" for line in row["brought_by"]), nl=False)
    elif every:
        names = [*train, *(f"({voice})" for voice in validation)]
        click.echo("".join(f"{'':19}{voice}\n" for voice in names), nl=False)
