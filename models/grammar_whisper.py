"""A grammar over whisper: of all that may be said, what its decoder finds likeliest.

Whisper writes token after token; here it may only write those that lead on in the grammar, some
ways side by side. So a word that it would never have written itself is found by its sound, and a
command in noise is still a command.

It needs faster-whisper. The encoder is shown no more than the command and a little silence, which
takes it a tenth of the time that half a minute does.
"""

from __future__ import annotations

import math
from collections import defaultdict
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
from .letters import SYMBOLS
from .whisper import encoded
from .whisper_letters import LetterHead, within

_WIDTH = 6
_MOST_TOKENS = 40
_LETTER_WORTH = 0.35
"""Added for each letter: badly heard words cost nats, and the shortest sentence has the fewest."""

_HOPELESS = 4.0
"""A way so far below the best that ended is given up."""

_ENDS = ("<|endoftext|>", ".", "!", "?", ",")
_HALF_AT, _STEEPNESS = 0.35, 12.0
"""A sentence that is so many nats a letter less likely than whisper's own is as likely as not."""

_SPELLED_HALF_AT, _SPELLED_STEEPNESS = 2.4, 4.0
"""The same by the letters."""

_LEAST_LETTER = np.float32(-5.0)
_SPELLING_WEIGHT, _BOTH_WORTH, _MOST_OTHERS = 0.15, 0.25, 4
"""What letters count beside the decoder, and what each is worth more then: found on 50 commands."""

_PLACE = {symbol: number for number, symbol in enumerate(SYMBOLS)}
_NONE = -1

Places = frozenset[int]
Logs = npt.NDArray[np.float32]


class _Trie(dict[str, "_Trie"]):
    """Letters to tokens: `tokens` are those whose letters lead here."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[int] = []


@dataclass(frozen=True)
class _Way:
    """What was written so far, and the letters of the grammar that it may have come to."""

    score: float
    tokens: tuple[int, ...]
    text: str
    places: Places

    @property
    def worth(self) -> float:
        """What ways of different lengths are compared by."""
        return self.score + _LETTER_WORTH * len(self.text)


class WhisperGrammar:
    """Whisper and a grammar, loaded: any number of utterances, one at a time."""

    def __init__(self, grammar: Grammar, model: Any, head: LetterHead | None = None) -> None:
        """`model` is a `faster_whisper.WhisperModel`, as `whisper.load_whisper` gives it.

        `head` reads letters off its encoder; with it both are asked, and the sum decides.
        """
        self._grammar, self._model, self._head = grammar, model, head
        self._after = _following(grammar)
        self._last = frozenset(grammar.graph.last.tolist())
        self._tokens = tokens = model.hf_tokenizer
        self._trie = _trie_of(tokens.get_vocab())
        self._ends = [tokens.token_to_id(end) for end in _ENDS]
        self._prompt = [tokens.token_to_id("<|startoftranscript|>")]
        if model.model.is_multilingual:
            self._prompt += [tokens.token_to_id(f"<|{word}|>") for word in ("en", "transcribe")]
        self._prompt.append(tokens.token_to_id("<|notimestamps|>"))

    def understand(self, samples: npt.NDArray[np.int16]) -> Understood | None:
        """The likeliest sentence of the grammar; None for no sound. 16 kHz, 30 s at most."""
        if not len(samples):
            return None
        heard = encoded(self._model, samples)
        ended = self._searched(heard)
        if self._head:
            return self._agreed(heard, ended, self._letters(self._head, heard, len(samples)))
        found = _best(ended)
        return self._told(found.text, self._free(heard) - found.score) if found else None

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
        import ctranslate2

        tokens = tuple(self._tokens.encode(f" {text.capitalize()}", add_special_tokens=False).ids)
        found = self._model.model.generate(
            ctranslate2.StorageView.from_array(heard),
            [[*self._prompt, *tokens]],
            beam_size=1,
            max_length=2 * (len(tokens) + 1),
            return_logits_vocab=True,
            suppress_blank=False,
            suppress_tokens=[],
        )[0]
        rows = log_softmax(np.stack([np.asarray(row).reshape(-1) for row in found.logits[0]]))
        score = sum(float(rows[at, token]) for at, token in enumerate(tokens))
        score += float(np.logaddexp.reduce(rows[len(tokens)][self._ends]))
        return _Way(score, tokens, text, frozenset())

    def _searched(self, heard: Any) -> list[_Way]:
        """The ways that came to an end, the likely ones among them."""
        ways = [_Way(0.0, (), "", frozenset([_NONE]))]
        ended: list[_Way] = []
        for _ in range(_MOST_TOKENS):
            rows = self._logs(heard, ways)
            ended += [e for w, row in zip(ways, rows, strict=True) for e in self._over(w, row)]
            longer = [n for w, row in zip(ways, rows, strict=True) for n in self._longer(w, row)]
            best = max((way.worth for way in ended), default=-math.inf)
            ways = sorted(_distinct(longer), key=lambda way: -way.worth)[:_WIDTH]
            ways = [way for way in ways if way.worth > best - _HOPELESS]
            if not ways:
                break
        return ended

    def _logs(self, heard: Any, ways: Sequence[_Way]) -> Logs:
        """[ways, tokens]: logarithms of probabilities of the next token."""
        return log_softmax(self._asked(heard, [way.tokens for way in ways]))

    def _asked(self, heard: Any, written: Sequence[tuple[int, ...]]) -> Logs:
        import ctranslate2

        several = ctranslate2.StorageView.from_array(np.repeat(heard, len(written), axis=0))
        length = len(written[0])
        found = self._model.model.generate(
            several,
            [[*self._prompt, *tokens] for tokens in written],
            beam_size=1,
            # Half of it is taken for the prompt.
            max_length=2 * (length + 1),
            return_logits_vocab=True,
            suppress_blank=False,
            suppress_tokens=[],
        )
        return np.stack([np.asarray(one.logits[0][length]).reshape(-1) for one in found])

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

    def _over(self, way: _Way, row: Logs) -> Iterator[_Way]:
        if way.places & self._last:
            score = float(np.logaddexp.reduce(row[self._ends]))
            yield replace(way, score=way.score + score)

    def _longer(self, way: _Way, row: Logs) -> Iterator[_Way]:
        """Every token that leads on, and the letters that it leads to."""
        waiting = [(self._trie, way.places, way.text)]
        if not way.tokens:
            # The space before the first word is none of the grammar's.
            waiting = [(trie, way.places, "") for trie in (self._trie, self._trie[" "])]
        while waiting:
            trie, places, text = waiting.pop()
            for token in trie.tokens if text != way.text else ():
                yield _Way(way.score + float(row[token]), (*way.tokens, token), text, places)
            for letter, below in trie.items():
                if reached := self._reached(places, letter):
                    waiting.append((below, reached, text + letter))

    def _reached(self, places: Places, letter: str) -> Places:
        symbol = _PLACE[letter]
        return frozenset(node for place in places for node in self._after[place].get(symbol, ()))


def _following(grammar: Grammar) -> dict[int, dict[int, list[int]]]:
    """Each letter's (-1: the beginning's) next letters by symbol."""
    graph = grammar.graph
    after: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for node in graph.first.tolist():
        after[_NONE][int(graph.symbol[node])].append(node)
    for node in range(len(graph)):
        for before in graph.all_before(node):
            after[before][int(graph.symbol[node])].append(node)
    return after


def _trie_of(vocabulary: dict[str, int]) -> _Trie:
    """All tokens that are nothing but our letters, large or small, by their letters."""
    root = _Trie()
    for written, number in vocabulary.items():
        text = written.replace("Ġ", " ").lower()
        if not text or any(c not in _PLACE for c in text):
            continue
        place = root
        for letter in text:
            place = place.setdefault(letter, _Trie())
        place.tokens.append(number)
    return root


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
