"""How wrong a recognizer's texts are, errors a character and errors a word, by jiwer; the worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..models.errors import WakefulError

MOST_WORST = 6
"""Of one recognizer: sentences take room on a page."""


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


@dataclass(frozen=True)
class Misread:
    """An utterance and what was written for it; `wrong` are errors a character."""

    file: str
    """With its whole way, for a page may be written from another folder."""
    said: str
    written: str
    wrong: float


def error_rates(said: Sequence[str], written: Sequence[str]) -> ErrorRates:
    """Of plain texts, in the same order; raises `ScoreError` for none and without jiwer."""
    jiwer = _jiwer()
    if not said or len(said) != len(written):
        raise ScoreError(f"{len(said)} texts said, {len(written)} written; they come in pairs")
    return ErrorRates(
        utterances=len(said),
        characters=float(jiwer.cer(list(said), list(written))),
        words=float(jiwer.wer(list(said), list(written))),
        right=sum(a == b for a, b in zip(said, written, strict=True)) / len(said),
    )


def worst_read(
    files: Sequence[Path], said: Sequence[str], written: Sequence[str], most: int = MOST_WORST
) -> list[Misread]:
    """The texts with most errors a character, of equally wrong ones the first; none that is right.

    Raises `ScoreError` without jiwer, if there is any to score.
    """
    if not files:
        return []
    jiwer = _jiwer()
    found = [
        Misread(str(file.absolute()), a, b, round(float(jiwer.cer(a, b)), 4))
        for file, a, b in zip(files, said, written, strict=True)
        if a != b
    ]
    return sorted(found, key=lambda misread: -misread.wrong)[:most]


def _jiwer() -> Any:
    try:
        import jiwer
    except ImportError as error:
        raise ScoreError(
            "error rates need jiwer, which is not installed: pip install 'wakeful[train]'"
        ) from error
    return jiwer
