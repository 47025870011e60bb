"""``wakeful devices``: the microphones, as PortAudio sees them."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from .devices import input_devices


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
def devices(as_json: bool) -> None:
    """List the microphones.

    \b
    wakeful devices --json
    Listen to one of them by its number or a part of its name:
      wakeful listen --device 3
      wakeful listen --device "USB"
    """
    found = input_devices()
    if as_json:
        click.echo(json.dumps([asdict(device) for device in found]))
        return
    if not found:
        click.echo("no microphone; is one plugged in, and does the sound server run?")
    for d in found:
        mark = "*" if d.is_default else " "
        click.echo(f"{mark} {d.index:3}  {d.name}  ({d.host}, {d.channels} ch, {d.rate_hz} Hz)")
