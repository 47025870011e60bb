"""How wrong a recognizer's texts are: errors a character and errors a word, by jiwer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..models.errors import WakefulError


class ScoreError(WakefulError):
    """Nothing can be scored."""


@dataclass(frozen=True)
class ErrorRates:
    """Of so many utterances: errors for each character and for each word that was said."""

    utterances: int
    characters: float
    words: float
    right: float
    """The share of utterances without an error."""

    def figures(self) -> dict[str, Any]:
        """As a manifest and ``--json`` have them."""
        return {name: round(float(value), 4) for name, value in asdict(self).items()}


def error_rates(said: Sequence[str], written: Sequence[str]) -> ErrorRates:
    """Of plain texts, in the same order; raises `ScoreError` for none and without jiwer."""
    try:
        import jiwer
    except ImportError as error:
        raise ScoreError(
            "error rates need jiwer, which is not installed: pip install 'wakeful[train]'"
        ) from error
    if not said or len(said) != len(written):
        raise ScoreError(f"{len(said)} texts said, {len(written)} written; they come in pairs")
    return ErrorRates(
        utterances=len(said),
        characters=float(jiwer.cer(list(said), list(written))),
        words=float(jiwer.wer(list(said), list(written))),
        right=sum(a == b for a, b in zip(said, written, strict=True)) / len(said),
    )
