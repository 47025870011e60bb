"""``wakeful synth check``: what a folder of clips holds, and whether it is fit to train from."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object, its keys always the same.")
@click.option("--allow-leakage", is_flag=True, help="Let one voice be in several splits.")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
def check(folder: Path, as_json: bool, allow_leakage: bool, processes: int) -> None:
    """Count and measure the clips in FOLDER, and refuse what would spoil a training.

    \b
    wakeful synth check clips/activate
    wakeful synth check clips/activate --json | jq .kinds

    A voice or a sound in more than one split, a file that can't be read and one that is listed but
    missing end it with exit code 1.
    """
    import msgspec

    from . import check as checking
    from .check_text import report_lines
    from .progress import bar

    report = checking.check(folder, processes, bar())
    if as_json:
        click.echo(msgspec.json.encode(report).decode())
    else:
        for line in report_lines(report):
            click.echo(line)
    if faults := report.faults(allow_leakage):
        raise checking.CheckError(f"{report.folder}: {'; '.join(faults)}")
