"""Tokens that lead on in a grammar: all that do, and no other."""

from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.grammar import compile_grammar
from wakeful.models.grammar_tokens import BEGINNING, Spellings

WORDS = st.text("ab'", min_size=1, max_size=4).filter(lambda word: word.strip("'"))
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=5)
PIECES = st.lists(st.text("abABĠ'é", min_size=1, max_size=4), max_size=20, unique=True)


@given(SENTENCES, PIECES, st.data())
def test_whatever_leads_on_is_found_and_nothing_else(sentences, pieces, data):
    """Held against every piece and every sentence, wherever one has come to by such tokens."""
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    grammar = compile_grammar("\n".join(sentences))
    may_be_said = list(grammar.sentences())
    spellings = Spellings(grammar.graph, vocabulary)
    places, text = BEGINNING, ""
    while True:
        assert (text in may_be_said) == spellings.may_end(places)
        wanted = {}
        for piece, number in vocabulary.items():
            longer = text + piece.replace("Ġ", " ").lower()
            longer = longer if text else longer.removeprefix(" ")
            if longer != text and any(said.startswith(longer) for said in may_be_said):
                wanted[number] = longer
        on = spellings.leading(places, text)
        assert dict(zip(on.tokens.tolist(), on.texts, strict=True)) == wanted
        assert len(on.tokens) == len(wanted)
        if not wanted:
            return
        chosen = data.draw(st.integers(0, len(on.tokens) - 1))
        places, text = on.places[chosen], on.texts[chosen]
