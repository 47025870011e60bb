"""How many spoken commands are understood, label and slots and all, by whom."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ..models.grammar import Grammar, Understood
from ..models.grammar_whisper import WhisperGrammar
from ..models.transcriber import Transcriber
from ..models.whisper_letters import LetterHead, WhisperLetters
from ..synth.judge import Judge
from ..synth.levels import Samples, to_float
from .spoken_commands import Spoken

Ear = Callable[[Samples], Understood | None]
"""Sound -> what was understood."""

SURE = 0.5


@dataclass(frozen=True)
class GrammarScore:
    """`right`: label and every slot; `accepted`: those of them that were sure enough too.

    `false_accepts` is the share of other sentences that passed for a command.
    """

    name: str
    commands: int
    right: float
    accepted: float
    others: int
    false_accepts: float
    median_ms: float
    by_engine: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    mistakes: Sequence[tuple[str, str, float]] = ()

    def figures(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def ears(
    grammar: Grammar,
    transcriber: Transcriber | None,
    whisper: Judge | None,
    letters: LetterHead | None = None,
) -> dict[str, Ear]:
    """Everybody who listens, by a name for the table."""
    found: dict[str, Ear] = {}
    if transcriber:
        name = transcriber.bundle.name
        found[f"{name} + grammar"] = lambda sound: grammar.understand(transcriber.hear(sound))
        found[f"{name}, its text mended"] = lambda sound: grammar.nearest(
            transcriber.transcribe(sound).text
        )
    if whisper and letters:
        reader = WhisperLetters(whisper.model, letters)
        found["whisper's encoder, letters + grammar"] = lambda sound: grammar.understand(
            reader.hear(sound)
        )
    if whisper and letters:
        found["both + grammar"] = WhisperGrammar(grammar, whisper.model, letters).understand
    if whisper:
        found["whisper tiny.en + grammar"] = WhisperGrammar(grammar, whisper.model).understand
        found["whisper tiny.en, its text mended"] = lambda sound: grammar.nearest(
            _latin(whisper.transcript(to_float(sound)))
        )
    return found


def _latin(text: str) -> str:
    """What can't be written with our letters is left out."""
    return "".join(c for c in text if c.isascii())


def score(
    name: str, ear: Ear, spoken: Sequence[Spoken], sound_of: Callable[[Spoken], Samples]
) -> GrammarScore:
    """Let one listen to all."""
    heard = list(_heard(ear, spoken, sound_of))
    commands = [one for one in heard if one[0].label]
    others = [one for one in heard if not one[0].label]
    right = [one for one in commands if _is_right(one[0], one[1])]
    sure = [one for one in right if one[1] and one[1].confidence >= SURE]
    false = [one for one in others if one[1] and one[1].confidence >= SURE]
    return GrammarScore(
        name=name,
        commands=len(commands),
        right=len(right) / max(1, len(commands)),
        accepted=len(sure) / max(1, len(commands)),
        others=len(others),
        false_accepts=len(false) / max(1, len(others)),
        median_ms=float(np.median([ms for *_, ms in heard])) if heard else 0.0,
        by_engine=_by_engine(commands),
        mistakes=[_mistake(*one[:2]) for one in commands if not _is_right(*one[:2])],
    )


def _heard(
    ear: Ear, spoken: Sequence[Spoken], sound_of: Callable[[Spoken], Samples]
) -> Iterator[tuple[Spoken, Understood | None, float]]:
    for one in spoken:
        samples = sound_of(one)
        began = time.process_time()
        found = ear(samples)
        yield one, found, 1_000 * (time.process_time() - began)


def _is_right(one: Spoken, found: Understood | None) -> bool:
    if found is None:
        return False
    label = found.label == one.label or (found.text == one.text and not one.slots)
    return label and found.slots == dict(one.slots)


def _by_engine(
    commands: Sequence[tuple[Spoken, Understood | None, float]],
) -> dict[str, tuple[int, int]]:
    """Right ones and all, by engine."""
    total = Counter(one.engine for one, *_ in commands)
    right = Counter(one.engine for one, found, _ in commands if _is_right(one, found))
    return {engine: (right[engine], total[engine]) for engine in sorted(total)}


def _mistake(one: Spoken, found: Understood | None) -> tuple[str, str, float]:
    return one.text, found.text if found else "", round(found.confidence, 3) if found else 0.0


def table(scores: Sequence[GrammarScore]) -> str:
    """In Markdown."""
    head = "| | fully right | and sure | others taken for commands | ms a command |"
    rows = [
        f"| {s.name} | {100 * s.right:.1f} % of {s.commands} | {100 * s.accepted:.1f} % | "
        f"{100 * s.false_accepts:.0f} % of {s.others} | {s.median_ms:.0f} |"
        for s in scores
    ]
    return "\n".join([head, "|---|--:|--:|--:|--:|", *rows])


def engine_table(scores: Sequence[GrammarScore]) -> str:
    """By the voices' engine, in Markdown."""
    engines = sorted({engine for s in scores for engine in s.by_engine})
    head = f"| | {' | '.join(engines)} |"
    cells = ([_share(s.by_engine.get(e, (0, 0))) for e in engines] for s in scores)
    rows = [f"| {s.name} | {' | '.join(row)} |" for s, row in zip(scores, cells, strict=True)]
    return "\n".join([head, "|---|" + "--:|" * len(engines), *rows])


def _share(pair: tuple[int, int]) -> str:
    right, total = pair
    return f"{right} of {total}"
