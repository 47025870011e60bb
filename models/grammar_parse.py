"""A user's file of sentences, read: words, alternatives, optional parts, slots, numbers and rules.

    # what may be said; a line that begins with spaces goes on from the one above
    room  = kitchen | bedroom | living room
    light : turn (on|off){state} the <room>{room} (light|lamp) [please]
    level : set the <room>{room} light to 0..100{level} percent
    tv    : (telly|television|tv){device=tv} (on|off){state}

``name = …`` is a rule, used as ``<name>``; ``name : …`` a sentence and its label. What stands
before ``{slot}`` fills the slot with what is said, ``{slot=value}`` with a value of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .errors import WakefulError
from .letters import LettersError, in_words, plain


class GrammarError(WakefulError):
    """A grammar has a mistake: its name, line and column are told."""


@dataclass(frozen=True)
class Word:
    """One word to say; `said` is what it adds to a slot's value."""

    text: str
    said: str


@dataclass(frozen=True)
class Row:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of them; an empty `Row` among them makes the rest optional."""

    ways: tuple[Node, ...]


@dataclass(frozen=True)
class Slot:
    """What is said here fills a slot; with `value`, that whatever was said."""

    name: str
    value: str
    body: Node


Node = Word | Row | Choice | Slot


@dataclass(frozen=True)
class Sentence:
    """One line of a grammar. `label` may be empty: then what was said is the label."""

    label: str
    body: Node
    line: int


@dataclass(frozen=True)
class _Line:
    """A logical line: its text, and for each character the line and column that it came from."""

    text: str
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


_TOKENS = re.compile(
    r"(?P<space>\s+)|(?P<range>\d+\.\.\d+)|(?P<slot>\{[^{}]*\})|(?P<rule><[^<>]*>)"
    r"|(?P<mark>[()\[\]|])|(?P<word>[\w'’.,!?;\-]+)"
)
_HEAD = re.compile(r"\s*(\w[\w-]*)\s*([=:])")
_SLOT = re.compile(r"\{\s*(\w[\w-]*)\s*(?:=\s*([^=]*?)\s*)?\}")
_NAME = re.compile(r"<\s*(\w[\w-]*)\s*>")
_DEEPEST = 40
_HIGHEST = 999


def parse(text: str, name: str = "grammar") -> list[Sentence]:
    """Every sentence, with its rules put in; raises `GrammarError`."""
    rules: dict[str, tuple[_Line, int]] = {}
    said: list[tuple[str, _Line, int]] = []
    for line in _lines(text):
        head = _HEAD.match(line.text)
        if head and head[2] == "=":
            if head[1] in rules:
                raise _mistake(name, line, head.start(1), f"rule <{head[1]}> is there already")
            rules[head[1]] = (line, head.end())
        else:
            said.append((head[1] if head else "", line, head.end() if head else 0))
    if not said:
        raise GrammarError(f"{name}: holds no sentence; write one a line")
    return [
        Sentence(label, _Parser(name, line, at, rules).whole(), line.places[0][0])
        for label, line, at in said
    ]


def _lines(text: str) -> Iterator[_Line]:
    """Lines without comments, those that begin with spaces put behind the one before."""
    going: list[str] = []
    places: list[tuple[int, int]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        bare = raw.split("#", 1)[0].rstrip()
        if not bare.strip():
            continue
        if going and not raw[0].isspace():
            yield _Line("".join(going), tuple(places))
            going, places = [], []
        going.append(bare + " ")
        places += [(number, column) for column in range(1, len(bare) + 2)]
    if going:
        yield _Line("".join(going), tuple(places))


def _mistake(name: str, line: _Line, at: int, what: str) -> GrammarError:
    row, column = line.places[min(at, len(line.places) - 1)]
    return GrammarError(f"{name}, line {row}, column {column}: {what}")


@dataclass
class _Parser:
    """One line, from a place in it; `rules` are read where they are used."""

    name: str
    line: _Line
    at: int
    rules: Mapping[str, tuple[_Line, int]]
    within: tuple[str, ...] = ()
    depth: int = 0
    tokens: list[_Token] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = list(self._cut())
        self.next = 0

    def whole(self) -> Node:
        """Everything on the line."""
        body = self._choice()
        if left := self._peek():
            raise self._mistake(left.at, f"{left.text!r} closes nothing")
        if _can_be_empty(body):
            raise self._mistake(self.at, "nothing may be said here; make a part of it necessary")
        return body

    def _cut(self) -> Iterator[_Token]:
        at = self.at
        while at < len(self.line.text):
            found = _TOKENS.match(self.line.text, at)
            if not found:
                raise self._mistake(at, f"{self.line.text[at]!r} means nothing here")
            if found.lastgroup != "space":
                yield _Token(found.lastgroup or "", found[0], at)
            at = found.end()

    def _peek(self) -> _Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def _choice(self) -> Node:
        ways = [self._row()]
        while (token := self._peek()) and token.text == "|":
            self.next += 1
            ways.append(self._row())
        return ways[0] if len(ways) == 1 else Choice(tuple(ways))

    def _row(self) -> Node:
        parts: list[Node] = []
        while (token := self._peek()) and token.text not in ("|", ")", "]"):
            self.next += 1
            parts.append(self._filling(self._part(token), token))
        if not parts:
            at = token.at if token else len(self.line.text) - 1
            raise self._mistake(at, "words are missing here")
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _part(self, token: _Token) -> Node:
        if token.text in ("(", "["):
            return self._bracket(token)
        if token.kind == "range":
            return self._range(token)
        if token.kind == "rule":
            return self._rule(token)
        if token.kind == "slot":
            raise self._mistake(token.at, f"{token.text} stands behind nothing that could fill it")
        return self._words(token)

    def _bracket(self, opened: _Token) -> Node:
        self._enter(opened)
        inside = self._choice()
        self.depth -= 1
        closing = ")" if opened.text == "(" else "]"
        token = self._peek()
        if not token or token.text != closing:
            raise self._mistake(opened.at, f"{opened.text!r} is not closed by {closing!r}")
        self.next += 1
        return inside if closing == ")" else Choice((inside, Row(())))

    def _enter(self, token: _Token) -> None:
        """One deeper: whoever walks the tree calls himself as often as it is deep."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._mistake(token.at, f"{token.text} lies in more than {_DEEPEST} others")

    def _range(self, token: _Token) -> Node:
        low, high = (int(number) for number in token.text.split(".."))
        if not low < high <= _HIGHEST:
            raise self._mistake(token.at, f"{token.text}: goes up, and to {_HIGHEST} at most")
        return Choice(tuple(_number(number) for number in range(low, high + 1)))

    def _rule(self, token: _Token) -> Node:
        named = _NAME.fullmatch(token.text)
        if not named or named[1] not in self.rules:
            known = ", ".join(f"<{rule}>" for rule in self.rules) or "none"
            raise self._mistake(token.at, f"there is no rule {token.text}; there are: {known}")
        if named[1] in self.within:
            raise self._mistake(token.at, f"{token.text} is made of itself")
        self._enter(token)
        line, at = self.rules[named[1]]
        within = (*self.within, named[1])
        body = _Parser(self.name, line, at, self.rules, within, self.depth).whole()
        self.depth -= 1
        return body

    def _words(self, token: _Token) -> Node:
        try:
            words = plain(token.text).split()
        except LettersError as error:
            raise self._mistake(token.at, str(error)) from error
        if not words:
            raise self._mistake(token.at, f"{token.text!r} can't be said")
        said = [token.text] + [""] * (len(words) - 1) if token.text.isdigit() else words
        parts = tuple(Word(word, value) for word, value in zip(words, said, strict=True))
        return parts[0] if len(parts) == 1 else Row(parts)

    def _filling(self, body: Node, before: _Token) -> Node:
        token = self._peek()
        if not token or token.kind != "slot":
            return body
        self.next += 1
        named = _SLOT.fullmatch(token.text)
        if not named:
            raise self._mistake(token.at, f"{token.text}: a slot is {{name}} or {{name=value}}")
        if _has_slot(body):
            raise self._mistake(before.at, f"{token.text}: there is a slot in it already")
        return Slot(named[1], named[2] or "", body)

    def _mistake(self, at: int, what: str) -> GrammarError:
        return _mistake(self.name, self.line, at, what)


def _number(number: int) -> Node:
    """A number as it is said, its digits being what fills a slot."""
    words = in_words(number).split()
    said = [str(number)] + [""] * (len(words) - 1)
    return Row(tuple(Word(word, value) for word, value in zip(words, said, strict=True)))


def _can_be_empty(node: Node) -> bool:
    match node:
        case Word():
            return False
        case Row(parts):
            return all(_can_be_empty(part) for part in parts)
        case Choice(ways):
            return any(_can_be_empty(way) for way in ways)
        case Slot(_, _, body):
            return _can_be_empty(body)


def _has_slot(node: Node) -> bool:
    match node:
        case Word():
            return False
        case Row(nodes) | Choice(nodes):
            return any(_has_slot(one) for one in nodes)
        case Slot():
            return True
