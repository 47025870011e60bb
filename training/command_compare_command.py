"""``wakeful compare commands``: the older command networks, each on each of its features."""

from __future__ import annotations

from pathlib import Path

import click

from .train_options import require_place, say_since

FOLDER = FILE = click.Path(path_type=Path)


@click.command()
@click.option("--data", type=FOLDER, required=True, help="Speech Commands, or a part of it.")
@click.option("--out", type=FOLDER, default=Path(), help="Where what is made lies (default: here).")
@click.option("--network", "networks", multiple=True, help="Only these (default: all five).")
@click.option("--features", multiple=True, help="Only these, of linear, log-mel, mfcc, light, raw.")
@click.option("--epochs", type=click.IntRange(1, 1_000), default=4, show_default=True)
@click.option("--batch", type=click.IntRange(1, 4_096), default=64, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--html", type=FILE, help="A page: table, matrices, and mistakes to hear.")
@click.option("--png", type=FILE, help="A picture of the table.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, its keys always the same.")
def compare_commands(
    data: Path,
    out: Path,
    networks: tuple[str, ...],
    features: tuple[str, ...],
    epochs: int,
    batch: int,
    seed: int,
    html: Path | None,
    png: Path | None,
    as_json: bool,
) -> None:
    """Fit every older command network on every feature, and set them side by side.

    \b
    wakeful compare commands --data speech_commands --html commands.html --png commands.png
    wakeful compare commands --data speech_commands --network commands-vgg --epochs 8

    Adam, cross-entropy, 4 epochs of batches of 64: as the older systems were fitted. A run that was
    stopped goes on where it was when the same command is given again.
    """
    import msgspec

    from .classify import Recipe
    from .command_compare import CompareRequest
    from .command_compare import compare_commands as compare
    from .command_compare_page import draw_comparison, lines, write_comparison
    from .command_features import FEATURES, HEARD_BY

    if odd := set(networks) - set(HEARD_BY):
        raise click.UsageError(f"--network {min(odd)}: there are {', '.join(HEARD_BY)}")
    if odd := set(features) - set(FEATURES):
        raise click.UsageError(f"--features {min(odd)}: there are {', '.join(FEATURES)}")
    require_place(html, png)
    request = CompareRequest(
        data=data,
        out=out,
        networks=networks or tuple(HEARD_BY),
        features=features or tuple(FEATURES),
        recipe=Recipe(epochs=epochs, batch=batch),
        seed=seed,
    )
    compared = compare(request, say_since())
    if as_json:
        click.echo(msgspec.json.encode(compared).decode())
    else:
        for line in lines(compared):
            click.echo(line)
    if png:
        draw_comparison(png, compared.rows)
    if html:
        write_comparison(html, compared)
