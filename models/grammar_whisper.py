"""A grammar over whisper: of all that may be said, what its decoder finds likeliest.

Whisper writes token after token; here it may only write those that lead on in the grammar, some
ways side by side. So a word that it would never have written itself is found by its sound, and a
command in noise is still a command.

What it writes is also what people often say: "what time is it" is likely whatever was heard. How
likely it finds a sentence in a room's hiss, where nobody speaks, is therefore taken off, by half.

It needs faster-whisper. The encoder is shown no more than the command and a little silence, which
takes it a tenth of the time that half a minute does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .ctc import LogProbabilities, log_softmax
from .grammar import Grammar, Understood
from .grammar_decode import best_path
from .grammar_graph import graph_of
from .grammar_parse import parse
from .grammar_tokens import BEGINNING, Onward, Places, Spellings
from .whisper import encoded
from .whisper_letters import LetterHead, within

_WIDTH = 6
_MOST_TOKENS = 40
_LETTER_WORTH = 0.4
"""Added for each letter: badly heard words cost nats, and the shortest sentence has the fewest."""

_EXPECTED_WEIGHT = 0.5
"""How much of what is likely without any sound is taken off."""

_HISS_S, _HISS_LEVEL, _HISS_STEPS = 2.5, 300.0, 120
_MOST_KEPT = 2_000
"""What is likely without sound depends on no sound: so much of it is kept."""

_BEHIND_STEPS = 10
"""Of the silence behind an utterance: with all of it the decoder takes up to a tenth longer."""

_HOPELESS = 4.0
"""A way so far below the best that ended is given up."""

_ENDS = ("<|endoftext|>", ".", "!", "?", ",")
_HALF_AT, _STEEPNESS = 0.35, 12.0
"""A sentence that is so many nats a letter less likely than whisper's own is as likely as not."""

_SPELLED_HALF_AT, _SPELLED_STEEPNESS = 2.4, 4.0
"""The same by the letters."""

_LEAST_LETTER = np.float32(-5.0)
_SPELLING_WEIGHT, _BOTH_WORTH, _MOST_OTHERS = 0.1, 0.1, 6
"""What letters count beside the decoder, and what each is worth more then: found on 400 commands,
as the weight of what is expected was."""

Logs = npt.NDArray[np.float32]
Tokens = tuple[int, ...]


@dataclass(frozen=True)
class _Way:
    """What was written so far, and the letters of the grammar that it may have come to.

    `expected` is the score that it has without any sound.
    """

    score: float
    expected: float
    tokens: tuple[int, ...]
    text: str
    places: Places

    @property
    def worth(self) -> float:
        """What ways of different lengths are compared by."""
        return self.score - _EXPECTED_WEIGHT * self.expected + _LETTER_WORTH * len(self.text)


@dataclass(frozen=True)
class _Leading:
    """What may be written after some tokens, and how likely it is without any sound."""

    on: Onward
    expected: Logs
    ending: float
    """Of an end."""


class WhisperGrammar:
    """Whisper and a grammar, loaded: any number of utterances, one at a time."""

    def __init__(self, grammar: Grammar, model: Any, head: LetterHead | None = None) -> None:
        """`model` is a `faster_whisper.WhisperModel`, as `whisper.load_whisper` gives it.

        `head` reads letters off its encoder; with it both are asked, and the sum decides.
        """
        self._grammar, self._model, self._head = grammar, model, head
        self._tokens = tokens = model.hf_tokenizer
        self._spellings = Spellings(grammar.graph, tokens.get_vocab())
        self._ends = [tokens.token_to_id(end) for end in _ENDS]
        self._prompt = [tokens.token_to_id("<|startoftranscript|>")]
        if model.model.is_multilingual:
            self._prompt += [tokens.token_to_id(f"<|{word}|>") for word in ("en", "transcribe")]
        self._prompt.append(tokens.token_to_id("<|notimestamps|>"))
        self._hiss = np.ascontiguousarray(encoded(model, _hiss())[:, :_HISS_STEPS])
        self._leading: dict[Tokens, _Leading] = {}
        self._alone: dict[str, float] = {}

    def understand(self, samples: npt.NDArray[np.int16]) -> Understood | None:
        """The likeliest sentence of the grammar; None for no sound. 16 kHz, 30 s at most."""
        if not len(samples):
            return None
        heard = encoded(self._model, samples)
        near = _near(heard, len(samples))
        ended = self._searched(near)
        if self._head:
            return self._agreed(near, ended, self._letters(self._head, heard, len(samples)))
        found = _best(ended)
        return self._told(found.text, self._free(near) - found.score) if found else None

    def _told(
        self, text: str, lost: float, half_at: float = _HALF_AT, steepness: float = _STEEPNESS
    ) -> Understood:
        """A sentence, and how sure it is by what it loses against whatever may be said."""
        told = self._grammar.nearest(text)
        assert told
        cost = max(0.0, lost / max(1, len(text)))
        sure = 1.0 / (1.0 + math.exp(steepness * min(20.0, cost - half_at)))
        return replace(told, confidence=sure, cost=cost, words=())

    def _letters(self, head: LetterHead, heard: Any, samples: int) -> LogProbabilities:
        """Against the likeliest of each step; no letter is impossible."""
        rows = head(within(heard[0], samples))
        found: LogProbabilities = np.maximum(rows - rows.max(axis=1, keepdims=True), _LEAST_LETTER)
        return found

    def _agreed(
        self, heard: Any, ended: Sequence[_Way], rows: LogProbabilities
    ) -> Understood | None:
        """Of what either finds likely, what both together find likeliest.

        The letters tell how sure it is: whisper is sure of what it invents.
        """
        spelled = self._grammar.understand(rows, alternatives=_MOST_OTHERS)
        likely = {way.text: way for way in sorted(ended, key=lambda way: way.worth)[-_WIDTH:]}
        for other in (spelled, *spelled.alternatives) if spelled else ():
            if other.text not in likely:
                likely[other.text] = self._read(heard, other.text)
        lost = {text: _spelling(text, rows) for text in likely}
        worth = {
            text: way.worth + _BOTH_WORTH * len(text) - _SPELLING_WEIGHT * lost[text]
            for text, way in likely.items()
        }
        best = max(worth, key=lambda text: worth[text], default="")
        if not best:
            return None
        return self._told(best, lost[best], _SPELLED_HALF_AT, _SPELLED_STEEPNESS)

    def _read(self, heard: Any, text: str) -> _Way:
        """What the decoder thinks of a sentence that it didn't come to by itself."""
        if text not in self._alone:
            _keep(self._alone, text, self._read_score(self._hiss, text))
        return _Way(self._read_score(heard, text), self._alone[text], (), text, frozenset())

    def _read_score(self, heard: Any, text: str) -> float:
        tokens = tuple(self._tokens.encode(f" {text.capitalize()}", add_special_tokens=False).ids)
        rows = log_softmax(np.stack([_row(of) for of in self._written(heard, [tokens])[0]]))
        score = sum(float(rows[at, token]) for at, token in enumerate(tokens))
        return score + self._end(rows[len(tokens)])

    def _searched(self, heard: Any) -> list[_Way]:
        """The ways that came to an end, the likely ones among them."""
        ways = [_Way(0.0, 0.0, (), "", BEGINNING)]
        ended: list[_Way] = []
        for _ in range(_MOST_TOKENS):
            rows = log_softmax(self._asked(heard, [way.tokens for way in ways]))
            going = list(zip(ways, rows, self._leading_on(ways), strict=True))
            ended += [end for way, row, on in going for end in self._over(way, row, on)]
            longer = [next_ for way, row, on in going for next_ in _longer(way, row, on)]
            best = max((way.worth for way in ended), default=-math.inf)
            ways = sorted(_distinct(longer), key=lambda way: -way.worth)[:_WIDTH]
            ways = [way for way in ways if way.worth > best - _HOPELESS]
            if not ways:
                break
        return ended

    def _leading_on(self, ways: Sequence[_Way]) -> list[_Leading]:
        """What may follow each, looked up or found out, those that are new in one go."""
        found = {w.tokens: self._leading[w.tokens] for w in ways if w.tokens in self._leading}
        new = [way for way in ways if way.tokens not in found]
        rows = log_softmax(self._asked(self._hiss, [way.tokens for way in new])) if new else ()
        for way, row in zip(new, rows, strict=True):
            on = self._spellings.leading(way.places, way.text)
            leading = _Leading(on, row[on.tokens], self._end(row))
            found[way.tokens] = leading
            _keep(self._leading, way.tokens, leading)
        return [found[way.tokens] for way in ways]

    def _end(self, row: Logs) -> float:
        return float(np.logaddexp.reduce(row[self._ends]))

    def _asked(self, heard: Any, written: Sequence[Tokens]) -> Logs:
        """[written, tokens]: the logits of what follows each."""
        return np.stack([_row(rows[len(written[0])]) for rows in self._written(heard, written)])

    def _written(self, heard: Any, written: Sequence[Tokens]) -> list[list[Any]]:
        """Of each, all as long: the logits of its tokens, and of what follows the last."""
        import ctranslate2

        several = ctranslate2.StorageView.from_array(np.repeat(heard, len(written), axis=0))
        found = self._model.model.generate(
            several,
            [[*self._prompt, *tokens] for tokens in written],
            beam_size=1,
            # Half of it is taken for the prompt.
            max_length=2 * (len(written[0]) + 1),
            return_logits_vocab=True,
            suppress_blank=False,
            suppress_tokens=[],
        )
        return [one.logits[0] for one in found]

    def _free(self, heard: Any) -> float:
        """The logarithm of the probability of what whisper itself would write."""
        import ctranslate2

        found = self._model.model.generate(
            ctranslate2.StorageView.from_array(heard),
            [self._prompt],
            beam_size=1,
            length_penalty=0,
            return_scores=True,
        )[0]
        return float(found.scores[0])

    def _over(self, way: _Way, row: Logs, leading: _Leading) -> Iterator[_Way]:
        if self._spellings.may_end(way.places):
            score, expected = way.score + self._end(row), way.expected + leading.ending
            yield replace(way, score=score, expected=expected)


def _longer(way: _Way, row: Logs, leading: _Leading) -> Iterator[_Way]:
    """A way for every token that leads on."""
    on = leading.on
    scores, expected = way.score + row[on.tokens], way.expected + leading.expected
    told = zip(on.tokens.tolist(), on.texts, on.places, scores, expected, strict=True)
    for token, text, places, score, before in told:
        yield _Way(float(score), float(before), (*way.tokens, token), text, places)


def _row(logits: Any) -> Logs:
    """Out of ctranslate2's hands."""
    return np.asarray(logits).reshape(-1)


def _keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    """The oldest goes where there would be too many."""
    if len(kept) >= _MOST_KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = value


def _near(heard: Logs, samples: int) -> Logs:
    """What the decoder looks at: an utterance and a little silence."""
    return np.ascontiguousarray(heard[:, : len(within(heard[0], samples)) + _BEHIND_STEPS])


def _hiss() -> npt.NDArray[np.int16]:
    """A room in which nobody speaks: the same each time."""
    count = int(_HISS_S * 16_000)
    return np.random.default_rng(0).normal(0, _HISS_LEVEL, count).astype(np.int16)


def _distinct(ways: Sequence[_Way]) -> list[_Way]:
    """Of those that wrote the same letters the likeliest."""
    best: dict[str, _Way] = {}
    for way in ways:
        if way.text not in best or best[way.text].score < way.score:
            best[way.text] = way
    return list(best.values())


def _best(ended: Sequence[_Way]) -> _Way | None:
    return max(ended, key=lambda way: way.worth, default=None)


def _spelling(text: str, rows: LogProbabilities) -> float:
    """What the letters of a sentence lose; a lot where it is too long for the sound."""
    path = best_path(graph_of(parse(text)), rows)
    return -path.score if path else 1e3
