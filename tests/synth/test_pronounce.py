"""Pronouncing: distances between words as they sound, and what is near by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth.pronounce import (
    cost,
    dictionary,
    distances,
    nearest,
    rhymes,
    sharing,
    split,
    unstressed,
)

sounds = st.text("ptkæɛiə", min_size=1, max_size=7)
needs_dictionary = pytest.mark.skipif(not dictionary(), reason="the synth extra isn't installed")


def plainly(a, b):
    """The usual table, cell by cell."""
    row = [j * 0.85 for j in range(len(b) + 1)]
    for i, x in enumerate(a, 1):
        above, row = row, [i * 0.85]
        for j, y in enumerate(b, 1):
            row.append(min(above[j - 1] + cost(x, y), above[j] + 0.85, row[j - 1] + 0.85))
    return row[-1] / max(len(a), len(b))


@given(sounds, st.lists(sounds, max_size=6))
def test_all_at_once_is_one_by_one(said, others):
    """The table for every word together gives what it gives for each."""
    expected = [plainly(said, other) for other in others]
    assert distances(said, others) == pytest.approx(expected, abs=1e-5)


@given(sounds, sounds)
def test_distance_is_one(a, b):
    """Nothing to itself, more to anything else, and the same both ways."""
    (there,), (back,) = distances(a, [b]), distances(b, [a])
    assert there == pytest.approx(back, abs=1e-5)
    assert (there < 1e-6) == (a == b)


def test_a_mishearing_is_nearer_than_a_change():
    """ "Bit" for "pit" sooner than "fit", and that sooner than "eat"."""
    near, other, vowel = distances("pɪt", ["bɪt", "sɪt", "iɪt"])
    assert near < other < vowel


def test_stress_is_no_sound():
    """Marks of stress and everything that isn't said are left out."""
    assert unstressed("ˈæktə vˌAt!") == "æktəvAt"


WORDS = {"bat": "bˈæt", "cat": "kˈæt", "attic": "ˈætɪk", "acrobat": "ˈækɹəbˌæt", "dog": "dˈɑɡ"}
PLAIN = {word: unstressed(said) for word, said in WORDS.items()}


def test_nearest_first_and_never_the_same():
    """A homophone is the word itself to whoever listens."""
    found = nearest("kæt", PLAIN, 5)
    assert found[0] == "bat"
    assert sorted(found) == ["acrobat", "attic", "bat", "dog"]


def test_rhymes_end_alike():
    """From the last stress on; nothing rhymes with itself."""
    assert rhymes("hˈæt", WORDS, 9) == ["bat", "cat", "acrobat"]
    assert "cat" not in rhymes("kˈæt", WORDS, 9)


def test_sharing_begins_or_ends_alike():
    """At least half of the phonemes in a row from either side."""
    assert sharing("bæk", PLAIN.items(), 0.6, 9) == ["bat"]


def test_split_makes_two_of_one():
    """Each of the two words sounds like its half."""
    assert "cat dog" in split("kætdɑɡ", PLAIN, 20)


@needs_dictionary
def test_the_dictionary_knows_english():
    """Tens of thousands of words in small letters."""
    words = dictionary()
    assert len(words) > 50_000
    assert unstressed(words["activate"]) == "æktəvAt"
