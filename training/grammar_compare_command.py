"""``wakeful compare grammar``: how many commands of a grammar are understood, and by whom."""

from __future__ import annotations

import json
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path)


@click.command("grammar")
@click.argument("grammar", type=FOLDER)
@click.option(
    "--model", default="asr-default", show_default=True, help="Name or path; '' for none."
)
@click.option("--out", type=FOLDER, default=Path("grammar-commands"), help="Where clips are kept.")
@click.option("--count", type=click.IntRange(1), default=200, show_default=True, help="Commands.")
@click.option("--others", type=click.IntRange(0), default=100, show_default=True, help="Not in it.")
@click.option("--noise", type=FOLDER, multiple=True, help="Recorded noise (default: of a colour).")
@click.option(
    "--snr-db", type=(float, float), default=(10.0, 20.0), show_default=True, help="From, to."
)
@click.option("--engine", "engines", multiple=True, help="Only these voices (default: all).")
@click.option("--whisper/--no-whisper", default=True, help="As the reference.")
@click.option("--letters", type=FOLDER, help="Letters over whisper's encoder: one's own.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="All figures as one JSON list.")
def compare_grammar(
    grammar: Path,
    model: str,
    out: Path,
    count: int,
    others: int,
    noise: tuple[Path, ...],
    snr_db: tuple[float, float],
    engines: tuple[str, ...],
    whisper: bool,
    letters: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Say commands of GRAMMAR by voices that nothing was trained on, and count what is understood.

    \b
    wakeful compare grammar home.grammar
    wakeful compare grammar home.grammar --noise kitchen --snr-db 5 10

    Each command is said in a room and in noise. Sentences that aren't in the grammar are said too:
    they are to be refused.
    """
    from ..models.grammar import read_grammar
    from ..models.transcriber import load_transcriber
    from ..models.whisper_letters import SHIPPED, load_head
    from ..synth.judge import Judge
    from ..synth.progress import bar
    from ..synth.sayings import SHARES
    from .corpus import read_folders
    from .grammar_score import ears, engine_table, score, table
    from .spoken_commands import Order, as_heard, speak_commands

    compiled = read_grammar(grammar)
    transcriber = load_transcriber(model) if model else None
    judge = Judge() if whisper else None
    head = load_head(letters or SHIPPED) if letters or (whisper and SHIPPED.is_file()) else None
    order = Order(count, others, snr_db, engines or tuple(SHARES), seed)
    spoken = speak_commands(compiled, order, out, bar())
    clips = read_folders(noise)
    scores = [
        score(name, ear, spoken, lambda one: as_heard(one, order, clips))
        for name, ear in ears(compiled, transcriber, judge, head).items()
    ]
    if as_json:
        click.echo(json.dumps([s.figures() for s in scores]))
        return
    click.echo(f"{table(scores)}\n\n{engine_table(scores)}")
