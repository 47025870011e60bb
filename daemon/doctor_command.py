"""``wakeful doctor``: is everything well, and if not, what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from .options import config_option

if TYPE_CHECKING:
    from .finding import Case, Finding

# One thread for the front end's small products, as the daemon has it: what it costs is measured.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list of findings.")
@click.option("--no-speech", is_flag=True, help="Do not ask for the word to be spoken.")
@config_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, no_speech: bool, config_file: str | None) -> None:
    """Check sound, models, rights, processor, sockets and service, and say what to do.

    \b
    On a new machine:         wakeful doctor
    What is wrong with it:    wakeful doctor --json | jq '.[] | select(.state == "failed")'

    Asks you to say the word, where it runs on a terminal. Exits with 0 when nothing has failed,
    else with 1.
    """
    import msgspec

    from .doctor import as_line, case_of, examination, has_failed

    case, findings = case_of(config_file), []
    may_ask = not (as_json or no_speech) and sys.stdin is not None and sys.stdin.isatty()
    for finding in _all(case, examination(case), may_ask):
        findings.append(finding)
        if not as_json:
            click.echo(as_line(finding))
    if as_json:
        click.echo(msgspec.json.encode(findings))
    ctx.exit(1 if has_failed(findings) else 0)


def _all(case: Case, examined: Iterator[Finding], may_ask: bool) -> Iterator[Finding]:
    """The findings, and what comes of speaking if all that it takes is well."""
    failed = set()
    for finding in examined:
        failed |= {finding.check.partition(" ")[0]} if finding.state == "failed" else set()
        yield finding
    needed = {"configuration", "model", "voices", "portaudio", "microphone", "level"}
    if may_ask and not failed & needed and case.settings.audio.input == "mic":
        yield from _spoken(case)


def _spoken(case: Case) -> Iterator[Finding]:
    from .meter import Meter
    from .microphones import open_microphone
    from .spoken import SPEAK_S, listen_to

    names = ", ".join(case.settings.models)
    click.echo(f"\nSpeak now, for {SPEAK_S:.0f} s: {names}")
    source = open_microphone(case.settings.audio.device)
    try:
        with Meter(sys.stderr, case.settings.models) as meter:
            found = list(listen_to(case, source, meter))
    finally:
        source.close()
    yield from found
