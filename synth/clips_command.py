"""``wakeful synth clips``: clips of a word, of what sounds like it, and of ordinary sentences."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .scheduler_option import scheduler_option

if TYPE_CHECKING:
    from .clips import Made, Order

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("word")
@click.option("--out", type=FOLDER, required=True, help="Folder for positive, hard and sentence.")
@click.option(
    "--sentences", type=FOLDER, multiple=True, help="More text to say, one sentence a line."
)
@click.option("--near", type=FOLDER, help="Text, one phrase a line that must not wake it.")
@click.option(
    "--near-share",
    type=click.FloatRange(0, 1),
    help="How much of what sounds like it is --near (default: two fifths).",
)
@click.option("--positive", default=1_000, show_default=True, help="Clips of the word.")
@click.option("--hard", default=700, show_default=True, help="Clips of what sounds like it.")
@click.option("--sentence", default=700, show_default=True, help="Clips of ordinary sentences.")
@click.option("--engine", "engines", multiple=True, help="Only these (default: all there are).")
@click.option("--language", default="en", show_default=True, help="Such as de: by its voices only.")
@click.option("--seed", default=1, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@scheduler_option
@click.option("--judge", "judged", is_flag=True, help="Drop positives that whisper mishears.")
@click.option("--json", "as_json", is_flag=True, help="The counts as one JSON object.")
def clips(
    word: str,
    out: Path,
    sentences: tuple[Path, ...],
    near: Path | None,
    near_share: float | None,
    positive: int,
    hard: int,
    sentence: int,
    engines: tuple[str, ...],
    language: str,
    seed: int,
    processes: int,
    scheduler: str,
    judged: bool,
    as_json: bool,
) -> None:
    """Make clips of WORD, of what sounds like it, and of ordinary sentences, by many voices.

    A run that was stopped goes on where it was when the same command is given again.

    \b
    wakeful synth clips "activate" --out clips/activate
    """
    from .clips import ClipsError, Order, make_clips
    from .engines import ENGINES, ENGLISH, NATIVE, installed
    from .phrases import texts_for
    from .progress import bar
    from .pronounce import grapheme_to_phoneme
    from .warp import has_world

    asked = engines or tuple(ENGINES if language == ENGLISH else NATIVE)
    there, missing = installed(asked, language)
    left_out = list(missing.values())
    if language != ENGLISH:
        left_out.append("words that sound like it: only English has a dictionary here; give --near")
    if not has_world():
        left_out.append("changed speakers (pyworld): pip install 'wakeful[synth]'")
    for line in left_out:
        click.echo(f"wakeful: left out: {line}", err=True)
    said = [line for path in sentences for line in _lines(path)]
    # A whole dictionary is listened through for hard words: seconds, when none is wanted.
    g2p = grapheme_to_phoneme() if hard else None
    texts = texts_for(word, said, _lines(near) if near else (), g2p, language)
    if near_share is not None:
        texts = replace(texts, near_share=near_share)
    counts = {"positive": positive, "hard": hard, "sentence": sentence}
    order = Order(texts, counts, tuple(there) or asked, seed, judged)
    _must_have_texts(order)
    made = make_clips(order, out, processes, bar(), scheduler)
    click.echo(json.dumps(asdict(made)) if as_json else _told(made))
    if none := [kind for kind, count in counts.items() if count and not made.clips[kind]]:
        raise ClipsError(
            f"{out}: no clip came of any take for {', '.join(none)}; other engines may"
        )


def _must_have_texts(order: Order) -> None:
    """What is made up, and whisper, are English; raises `click.UsageError`."""
    texts, counts = order.texts, order.counts
    if counts["sentence"] and not (texts.english or texts.sentences):
        raise click.UsageError(
            f"--language {texts.language}: no sentences can be made up in it; "
            "give --sentences FILE, or --sentence 0"
        )
    if counts["hard"] and not texts.hard:
        raise click.UsageError(
            f"nothing is known that sounds like {texts.word!r}; give --near FILE, or --hard 0"
        )
    if order.judged and not texts.english:
        raise click.UsageError("--judge: it understands English only; leave it out")


def _told(made: Made) -> str:
    """All in one line: "40 positive, 20 hard; dropped 3 positive (2 silent, 1 too long)"."""
    there = ", ".join(f"{count} {kind}" for kind, count in made.clips.items())
    dropped = (
        f"{sum(reasons.values())} {kind} ({', '.join(f'{n} {r}' for r, n in reasons.items())})"
        for kind, reasons in made.dropped.items()
    )
    left = ", ".join(dropped)
    return f"{there}; dropped {left}" if left else there


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from error
