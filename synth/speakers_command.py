"""``wakeful synth speakers``: how many distinct speakers a folder of clips holds."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from .collection import Entry
    from .speakers import Embeddings


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--threshold", type=click.FloatRange(0, 2), help="Cosine distance within a speaker.")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def speakers(folder: Path, threshold: float | None, processes: int, as_json: bool) -> None:
    """Count the distinct speakers among the clips in FOLDER; of a word's clips, the positives.

    \b
    wakeful synth speakers clips/activate

    Each clip is embedded by a network that tells people apart, and what is alike is one speaker.
    """
    from .collection import collect
    from .speakers import SAME_SPEAKER, count_speakers

    entries = collect(folder).entries
    entries = tuple(e for e in entries if e.kind == "positive") or entries
    limit = SAME_SPEAKER if threshold is None else threshold
    found = count_speakers(_embedded(entries, processes), limit)
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    click.echo(
        f"{found.distinct} distinct speakers in {found.clips} clips, {found.heard_again} of them "
        f"in two clips or more (most: {found.largest}; threshold {found.threshold:g})"
    )


def _embedded(entries: tuple[Entry, ...], processes: int) -> Embeddings:
    import numpy as np

    from .pools import pool
    from .progress import bar
    from .speakers import Embedder

    Embedder()  # what can't be opened in a process of a pool would be tried for ever
    show, found = bar(), []
    with pool(processes, _begin) as workers:
        for done, embedding in enumerate(workers.imap(_embed, entries, chunksize=8), 1):
            found.append(embedding)
            show(done, len(entries))
    return np.stack(found)


_worker: dict[str, object] = {}


def _begin() -> None:
    from .speakers import Embedder

    _worker["embedder"] = Embedder()


def _embed(entry: Entry) -> Embeddings:
    """Of a clip whose word is labelled, the word: so everybody says the same."""
    from .levels import to_float
    from .shelf import read_sound
    from .speakers import Embedder

    embedder = _worker["embedder"]
    assert isinstance(embedder, Embedder)
    sound = to_float(read_sound(entry.path))
    start, end = entry.row.get("keyword_start_s"), entry.row.get("keyword_end_s")
    if isinstance(start, int | float) and isinstance(end, int | float):
        sound = sound[round(start * 16_000) : round(end * 16_000)]
    return embedder.embed(sound)
