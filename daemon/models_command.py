"""``wakeful models``: what can be listened for, and whether a bundle is whole."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from ..models.bundle import Bundle, load_bundle, shipped_models
from ..models.errors import WakefulError


@click.group()
def models() -> None:
    """List, show and check models.

    \b
    What is there to listen for?   wakeful models list
    Is this download whole?        wakeful models check ./computer.json
    """


def _row(bundle: Bundle) -> dict[str, Any]:
    m = bundle.manifest
    return {
        "name": bundle.name,
        "kind": m.kind,
        "labels": m.labels,
        "weights": m.weights,
        "bytes": len(bundle.tflite),
        "threshold": m.detector.threshold,
        "path": str(bundle.path),
    }


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
def list_models(as_json: bool) -> None:
    """List the models that came with wakeful.

    \b
    wakeful models list --json | jq -r .[].name
    """
    rows = [_row(load_bundle(name)) for name in shipped_models()]
    if as_json:
        click.echo(msgspec.json.encode(rows))
        return
    click.echo("NAME             KIND      SIZE    WEIGHTS  THRESHOLD  WORDS")
    for row in rows:
        size, words = f"{row['bytes'] / 1024:.0f} KiB", ", ".join(row["labels"])
        shown = f"{row['name']:16} {row['kind']:9} {size:7} {row['weights']:8}"
        click.echo(f"{shown} {row['threshold']:<10.2f} {words}")


@models.command()
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="The manifest as it is.")
def show(model: str, as_json: bool) -> None:
    """Show what a model is, how it was made and how it was measured.

    \b
    wakeful models show activate
    """
    bundle = load_bundle(model)
    if as_json:
        click.echo(msgspec.json.encode(bundle.manifest))
        return
    for key, value in _row(bundle).items():
        click.echo(f"{key:12} {', '.join(value) if isinstance(value, list) else value}")
    for section in ("detector", "frontend", "training", "measured"):
        click.echo(f"\n[{section}]")
        content = msgspec.to_builtins(getattr(bundle.manifest, section))
        for key, value in content.items():
            click.echo(f"{key:16} {_plain(value)}")


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {inner}" for key, inner in value.items())
    if isinstance(value, list):
        return "; ".join(_plain(item) for item in value)
    return str(value)


@models.command()
@click.argument("paths", nargs=-1, required=True)
@click.pass_context
def check(ctx: click.Context, paths: tuple[str, ...]) -> None:
    """Check bundles whole: format, hash, front end, and that LiteRT runs them.

    \b
    wakeful models check activate ./computer.json
    """
    from .cli import fail

    code = 0
    for path in paths:
        try:
            _run_once(path)
        except WakefulError as error:
            code = fail(str(error), error.exit_code)
        else:
            click.echo(f"{path}: whole")
    ctx.exit(code)


def _run_once(path: str) -> None:
    import numpy as np

    from ..models.runtime import TriggerModel

    model = TriggerModel(load_bundle(path))
    frontend = model.bundle.frontend
    silence = np.zeros((frontend.block_frames, frontend.bands), np.float32)
    model.step(model.new_state(), silence)
