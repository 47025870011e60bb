"""``wakeful speech list``: what recorded speech there is to install, and what is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

_SHOWN_LANGUAGES = 4


@click.command("list")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs: a list of objects.")
def list_speech(folder: Path | None, as_json: bool) -> None:
    """List the packages that hold speech, and which of them are in FOLDER.

    Speakers are a guess. FOLDER is where `wakeful speech install` puts them when it isn't told.

    \b
    wakeful speech list
    wakeful speech list corpora/speech --json
    """
    from .speech_folder import speech_folder
    from .speech_sources import SOURCES

    place = folder or speech_folder()
    found = [_row(name, place) for name in SOURCES]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(f"{'name':13} {'hours':>5} {'people':>6} {'MB':>5}  {'licence':35} languages")
    for row in found:
        _show(row)
    there = sum(row["installed_hours"] or 0 for row in found)
    click.echo(f"{there:.1f} h are in {place}" if there else f"none is in {place} yet", err=True)


def _row(name: str, folder: Path) -> dict[str, Any]:
    from .speech_folder import hours, is_there
    from .speech_sources import SOURCES

    source = SOURCES[name]
    there = is_there(folder, name)
    return {
        "name": name,
        "package": source.package,
        "hours": source.hours,
        "speakers": source.speakers,
        "languages": list(source.languages),
        "licence": source.licence,
        "package_mb": source.size_mb,
        "installed": str(folder / name) if there else None,
        "installed_hours": round(hours(folder, name), 3) if there else None,
    }


def _show(row: dict[str, Any]) -> None:
    languages = row["languages"]
    more = len(languages) - _SHOWN_LANGUAGES
    spoken = ", ".join(languages[:_SHOWN_LANGUAGES]) + (f" and {more} more" if more > 0 else "")
    name = click.style(f"{row['name']:13}", fg="green" if row["installed"] else None)
    figures = f"{row['hours']:5.1f} {row['speakers']:6} {row['package_mb']:5.0f}"
    here = "  (here)" if row["installed"] else ""
    click.echo(f"{name} {figures}  {row['licence']:35} {spoken}{here}")
