"""Grammars: what they may say is understood with its slots, whatever else is refused."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spelled import spelled
from wakeful.models.grammar import GrammarError, compile_grammar, read_grammar
from wakeful.models.grammar_text import _prices, _traced, exact_path
from wakeful.models.letters import encode, in_words

HOME = """
# a house
room  = kitchen | bedroom | living room | attic
light : [please] turn (on|off){state} the <room>{room} (light|lamp) [please]
level : set the <room>{room} light to 0..100{level} percent
tv    : (telly|television|tv set){device=tv} (on|off){state}
what time is it [now]
"""
GRAMMAR = compile_grammar(HOME, "home")
WORDS = st.sampled_from(["turn", "on", "the", "light", "a", "aa", "kitchen", "please", "it's"])
FLAT = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
NESTED = st.recursive(
    FLAT,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda ways: f"({'|'.join(ways)})"),
        st.tuples(inner, inner).map(lambda two: f"[{two[0]}] {two[1]}"),
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
    ),
    max_leaves=6,
)


@given(draw=st.integers(0, 2**32), seed=st.integers(0, 99))
def test_what_may_be_said_is_understood(draw, seed):
    """A sentence of the grammar that is heard well comes back with its label and its slots."""
    text, slots = GRAMMAR.draw(np.random.default_rng(draw))
    found = GRAMMAR.understand(spelled(text, seed))
    assert found.text == text
    assert found.slots == slots
    assert found.confidence > 0.9
    assert found.cost == pytest.approx(0.0, abs=1e-4)


@settings(max_examples=60)
@given(line=NESTED, draw=st.integers(0, 2**32))
def test_any_grammar_understands_itself(line, draw):
    """However choices, optional parts and rows lie in one another."""
    grammar = compile_grammar(f"start {line}\nother : end {line} here")
    rng = np.random.default_rng(draw)
    text, _ = grammar.draw(rng)
    assert grammar.understand(spelled(text, draw % 50)).text == text
    assert text in set(grammar.sentences())


@given(draw=st.integers(0, 2**32), seed=st.integers(0, 99))
def test_words_lie_where_they_were_heard(draw, seed):
    """In order, each within the sound, one for each that was said."""
    text, _ = GRAMMAR.draw(np.random.default_rng(draw))
    heard = spelled(text, seed)
    words = GRAMMAR.understand(heard).words
    assert [word.text for word in words] == text.split()
    flat = [step for word in words for step in (word.start, word.end)]
    assert flat == sorted(flat)
    assert 0 <= flat[0] < flat[-1] <= len(heard)


@settings(max_examples=40)
@given(draw=st.integers(0, 2**32), seed=st.integers(0, 99))
def test_what_was_heard_badly_is_still_understood(draw, seed):
    """Noise as large as makes the greedy reading wrong leaves the sentence what it was."""
    text, slots = GRAMMAR.draw(np.random.default_rng(draw))
    found = GRAMMAR.understand(spelled(text, seed, noise=2.0, most=5))
    assert found.text == text
    assert found.slots == slots


@pytest.mark.parametrize(
    "text",
    [
        "there is nobody at home",
        "pass me the salt",
        "the light in the kitchen is green",
        "go home now",
    ],
)
def test_anything_else_is_refused(text):
    """By a confidence near 0, however well it was heard."""
    assert GRAMMAR.understand(spelled(text)).confidence < 0.2


def test_what_is_said_around_a_sentence_goes_into_the_filler():
    """The sentence is found in the middle, with less confidence than alone."""
    alone = GRAMMAR.understand(spelled("turn on the attic lamp"))
    around = GRAMMAR.understand(spelled("uh turn on the attic lamp yes"))
    assert around.text == alone.text
    assert around.slots == alone.slots
    assert around.confidence < alone.confidence


def test_the_second_best_differ_in_a_word():
    """Alternatives are other sentences, each less likely than the one before."""
    found = GRAMMAR.understand(spelled("turn on the kitchen light"), alternatives=3)
    texts = [other.text for other in found.alternatives]
    assert len(set(texts) | {found.text}) == 4
    costs = [found.cost, *(other.cost for other in found.alternatives)]
    assert costs == sorted(costs)
    assert "turn on the kitchen lamp" in texts


@given(number=st.integers(0, 100))
def test_numbers_are_filled_in_as_digits(number):
    """Said in words, they are in the slot as a program wants them."""
    found = GRAMMAR.understand(spelled(f"set the attic light to {in_words(number)} percent"))
    assert found.slots == {"room": "attic", "level": str(number)}
    assert found.label == "level"


def test_a_slot_may_have_a_value_of_its_own():
    """Whatever was said for it."""
    for said in ("telly", "television", "tv set"):
        assert GRAMMAR.understand(spelled(f"{said} off")).slots == {"device": "tv", "state": "off"}


def test_a_sentence_without_a_label_is_its_own():
    """And without slots it has none."""
    found = GRAMMAR.understand(spelled("what time is it now"))
    assert found.label == found.text == "what time is it now"
    assert found.slots == {}


def test_too_little_sound_is_nothing():
    """No steps, and fewer than the shortest sentence has letters."""
    assert GRAMMAR.understand(np.zeros((0, 29), np.float32)) is None
    assert GRAMMAR.understand(spelled("on")[:3]) is None


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("turn (on|off", 1, 6, "not closed by ')'"),
        ("turn on)", 1, 8, "closes nothing"),
        ("\n\nturn <room> on", 3, 6, "no rule <room>"),
        ("a = b\na = c\na", 2, 1, "there already"),
        ("a = <b>\nb = <a>\ngo <a>", 2, 5, "made of itself"),
        ("[please]", 1, 1, "nothing may be said"),
        ("go ()", 1, 5, "words are missing"),
        ("go {way}{way}", 1, 9, "stands behind nothing"),
        ("(go {way}){way}\n", 1, 1, "a slot in it already"),
        ("{way} go", 1, 1, "stands behind nothing"),
        ("go 9..3", 1, 4, "goes up"),
        ("go 0..1000", 1, 4, "999 at most"),
        ("go\n  (left|right", 2, 3, "not closed"),
        ("go ∂", 1, 4, "means nothing here"),
        ("иди", 1, 1, "write it in English"),
        ("go {a b}", 1, 4, "a slot is"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, line, column, says):
    """Name, line and column, in one line."""
    with pytest.raises(GrammarError) as caught:
        compile_grammar(text, "home.grammar")
    told = str(caught.value)
    assert told.startswith(f"home.grammar, line {line}, column {column}: ")
    assert says in told
    assert "\n" not in told


@given(text=st.text("ab ()[]|{}<>=:.0\n#", max_size=30))
def test_any_text_is_a_grammar_or_a_mistake(text):
    """No other error comes of it."""
    try:
        grammar = compile_grammar(text)
    except GrammarError:
        return
    assert grammar.draw(np.random.default_rng(0))[0]


def test_a_file_is_read(tmp_path):
    """And one that isn't there, or is no text, is named."""
    path = tmp_path / "home.grammar"
    path.write_text(HOME, encoding="utf-8")
    assert read_grammar(path).understand(spelled("television on")).label == "tv"
    with pytest.raises(GrammarError, match="can't be read"):
        read_grammar(tmp_path / "none.grammar")


def test_a_grammar_without_sentences_is_refused():
    """Comments and rules alone say nothing."""
    with pytest.raises(GrammarError, match="no sentence"):
        compile_grammar("# only\nroom = kitchen\n")


def test_a_grammar_too_large_is_refused():
    """Before it makes the machine slow."""
    lines = "\n".join(f"go to 0..999 and 0..999 and {i} 0..999" for i in range(10))
    with pytest.raises(GrammarError, match="letters"):
        compile_grammar(lines)


def test_a_thousand_sentences_are_quick():
    """A second of sound against them takes a small part of a second, however busy the machine."""
    rng = np.random.default_rng(0)
    some = ["alpha", "bravo", "delta", "kitchen", "turn", "light", "seven", "green"]
    text = "\n".join(" ".join(rng.choice(some, 5)) for _ in range(1_000))
    grammar = compile_grammar(text)
    heard = spelled(text.splitlines()[500])[:33]
    began = time.process_time()
    for _ in range(5):
        grammar.understand(heard)
    assert time.process_time() - began < 5 * 0.2


@given(draw=st.integers(0, 2**32))
def test_a_text_is_understood_too(draw):
    """What another recognizer wrote, letter for letter a sentence of the grammar."""
    text, slots = GRAMMAR.draw(np.random.default_rng(draw))
    found = GRAMMAR.nearest(text.capitalize() + ".")
    assert (found.text, found.slots, found.cost) == (text, slots, 0.0)
    assert found.confidence > 0.9


@given(draw=st.integers(0, 2**32), cut=st.integers(0, 60), put=st.sampled_from(["", "a", " ", "x"]))
def test_what_is_a_sentence_needs_no_mending(draw, cut, put):
    """To follow the letters finds what the prices find, and nothing where there is no sentence."""
    text, _ = AMBIGUOUS.draw(np.random.default_rng(draw))
    changed = " ".join((text[:cut] + put + text[cut:]).split())
    letters = np.array(encode(changed), np.int32)
    followed = exact_path(AMBIGUOUS.graph, letters)
    assert (followed is not None) == (changed in set(AMBIGUOUS.sentences()))
    if followed:
        rows = _prices(AMBIGUOUS.graph, letters)
        end = int(AMBIGUOUS.graph.last[rows[AMBIGUOUS.graph.last, -1].argmin()])
        assert (followed, tuple(range(len(letters)))) == _traced(
            AMBIGUOUS.graph, letters, rows, end
        )


def distance(one, other):
    """Edits from one text to another, by the textbook; a wrong letter is worth one and a half."""
    row = [float(j) for j in range(len(other) + 1)]
    for i, a in enumerate(one, 1):
        above, row = row, [float(i)]
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + 1.5 * (a != b)))
    return row[-1]


AMBIGUOUS = compile_grammar(
    "turn [it] (on|off){way} [now]\nturn [(it|them)] on [(now|at once)]\n(a|an){what} (n|ant|bee)\n"
    "(turn|turn it) (on|on now)"
)
SHORT = compile_grammar("(go|stop) [now]\n(left|right){way} turn\nit's (a|an) (ant|bee)")


@given(text=st.text("gostpnwlefrihtu ab'", min_size=1, max_size=14))
def test_the_nearest_sentence_is_the_nearest(text):
    """No sentence of the grammar takes fewer edits than the one that was found."""
    found = SHORT.nearest(text)
    plain_text = " ".join(word.strip("'") for word in text.split())
    if found is None:
        return
    best = min(distance(" ".join(plain_text.split()), one) for one in SHORT.sentences())
    assert found.cost * len(found.text) == pytest.approx(best)


def test_a_text_that_is_mended_is_the_sentence_that_was_meant():
    """As whisper may have written it; something else altogether is refused."""
    found = GRAMMAR.nearest("Turn of the kitchens' light, please!")
    assert found.text == "turn off the kitchen light please"
    assert found.slots == {"state": "off", "room": "kitchen"}
    assert GRAMMAR.nearest("There were seven of them.").confidence < 0.2
    assert GRAMMAR.nearest("…") is None
