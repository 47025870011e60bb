"""``wakeful devices``: the microphones, as PortAudio sees them, and the way taken to each."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from .devices import InputDevice, input_devices
from .microphones import DEFAULT_NAMES, way_to


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
    default_way = way_to("") if found else ""
    if as_json:
        rows = [asdict(device) | {"way": _way(device, default_way)} for device in found]
        click.echo(json.dumps(rows))
        return
    if not found:
        click.echo("no microphone; is one plugged in, and does the sound server run?")
    for d in found:
        mark = "*" if d.is_default else " "
        form = f"{d.host}, {d.channels} ch, {d.rate_hz} Hz"
        click.echo(f"{mark} {d.index:3}  {d.name}  ({form}) through {_way(d, default_way)}")


def _way(device: InputDevice, default_way: str) -> str:
    return default_way if device.is_default or device.name in DEFAULT_NAMES else "PortAudio"
