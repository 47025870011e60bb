"""Classic compositions in a folder: sound, labels and a manifest, the same bytes for a seed.

A composition depends on the seed and on its own number, and its sound is renamed to its place last,
so that a run which was stopped goes on where it was.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..models.errors import UsageError
from ..models.whole_file import write_whole
from .classic import ClassicMixture, compose_classic, draw_classic, features
from .classic_stock import KINDS, SAMPLE_RATE_HZ, ClassicError, Stock, read_stock
from .collection import shown
from .progress import Show

MANIFEST, ORDER = "manifest.jsonl", "order.json"


@dataclass(frozen=True)
class Order:
    """How many, from which seed, and whether what the net is fed is written too: 2 MB each."""

    count: int
    seed: int
    with_features: bool = False


@dataclass(frozen=True)
class Made:
    """What a folder holds now; `written` of it were not there before."""

    compositions: int
    written: int
    activates: int
    negatives: int
    left_out: int


def make_classics(folder: Path, out: Path, order: Order, show: Show) -> Made:
    """Write what is missing, then list all; raises `ClassicError`, or `UsageError` for `out`."""
    if any(out.resolve().is_relative_to((folder / kind).resolve()) for kind in KINDS):
        raise UsageError(f"{shown(out)}: lies among the recordings; give another --out")
    stock = read_stock(folder)
    try:
        _begin(out, order, stock)
        written = _write_missing(out, order, stock, show)
        return _listed(out, order, stock, written)
    except OSError as error:
        raise ClassicError(
            f"{shown(error.filename or out)}: can't be written ({error.strerror or error}); "
            "the same command goes on from here when that is mended"
        ) from error


def _begin(out: Path, order: Order, stock: Stock) -> None:
    """Raises `ClassicError` for a folder that was begun otherwise: its files would be kept."""
    ours = {"seed": order.seed, "features": order.with_features, "recordings": stock.digest}
    text = json.dumps(ours) + "\n"
    out.mkdir(parents=True, exist_ok=True)
    kept = out / ORDER
    if not kept.is_file():
        write_whole(kept, text.encode())
    elif kept.read_bytes() != text.encode():
        raise ClassicError(
            f"{shown(out)}: was begun with another seed, other recordings or other features; "
            "give another --out"
        )
    for beside in (*out.glob(".*.wav.*"), *out.glob(".*.npz.*")):
        beside.unlink()


def _write_missing(out: Path, order: Order, stock: Stock, show: Show) -> int:
    there = set(_numbers(out))
    missing = [number for number in range(order.count) if number not in there]
    for done, number in enumerate(missing, order.count - len(missing) + 1):
        _write(out, number, _drawn(stock, order.seed, number), stock, order.with_features)
        show(done, order.count)
    return len(missing)


def _write(
    out: Path, number: int, drawn: ClassicMixture, stock: Stock, with_features: bool
) -> None:
    import soundfile

    samples = compose_classic(drawn, stock)
    arrays: dict[str, Any] = {"labels": drawn.labels()}
    if with_features:
        arrays["features"] = features(samples)
    # Through memory: a full disk is told of by the file, not by what packs it.
    packed, sound = io.BytesIO(), io.BytesIO()
    np.savez(packed, **arrays)
    soundfile.write(sound, samples, SAMPLE_RATE_HZ, "PCM_16", format="WAV")
    write_whole(out / f"{number:06d}.npz", packed.getvalue())
    write_whole(out / f"{number:06d}.wav", sound.getvalue())


def _listed(out: Path, order: Order, stock: Stock, written: int) -> Made:
    """All that is there, also what an earlier and larger order made."""
    drawn = [(number, _drawn(stock, order.seed, number)) for number in sorted(_numbers(out))]
    rows = [_row(number, mixture) for number, mixture in drawn]
    write_whole(out / MANIFEST, "".join(json.dumps(row) + "\n" for row in rows).encode())
    return _counted([mixture for _, mixture in drawn], written)


def _row(number: int, drawn: ClassicMixture) -> dict[str, Any]:
    names = {"file": f"{number:06d}.wav", "labels": f"{number:06d}.npz"}
    return {"number": number, **names, "parameters": asdict(drawn)}


def _counted(drawn: Sequence[ClassicMixture], written: int) -> Made:
    return Made(
        compositions=len(drawn),
        written=written,
        activates=sum(len(m.activates) for m in drawn),
        negatives=sum(len(m.negatives) for m in drawn),
        left_out=sum(len(m.left_out) for m in drawn),
    )


def _drawn(stock: Stock, seed: int, number: int) -> ClassicMixture:
    return draw_classic(np.random.default_rng([seed, number]), stock)


def _numbers(out: Path) -> list[int]:
    """Those of which sound and labels are there."""
    stems = (p.stem for p in out.glob("*.wav") if p.with_suffix(".npz").is_file())
    return [int(stem) for stem in stems if stem.isdecimal()]
