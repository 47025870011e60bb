"""Takes: drawn, said and looked at, by engines that say exactly what a test wants to hear."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.synth import take as take_module
from wakeful.synth.phrases import Texts, texts_for
from wakeful.synth.take import Drawn, Studio
from wakeful.synth.voice import Speaker, VoiceError
from wakeful.synth.warp import Warp, has_world

TEXTS = Texts("activate", ["active"], ["The sun is up."])
SPEAKER = Speaker("piper", "one")


def tones(*hertz):
    """A quarter of a second of each pitch; as in a voice, hardly two tops are equally high."""
    t = np.arange(4_000) / 16_000
    edge = np.minimum(1, np.minimum(t, 0.25 - t) * 60) * np.exp(-3 * t)
    glides = [f * t + 300 * t * t for f in hertz]
    parts = [sum(np.sin(2 * np.pi * k * g) / k for k in (1, 2, 3)) * edge for g in glides]
    return (0.2 * np.concatenate(parts)).astype(np.float32)


WORD, OTHER = tones(300, 900, 500), tones(1_200, 250, 700, 2_000)


class Says:
    """An engine that has a sound for each text, and voices where it is told to."""

    name, licence = "piper", "none / none"
    languages: tuple[str, ...] = ("en-US",)

    def __init__(self, sounds, train=("one",), validation=("two",)):
        self._sounds, self._voices = sounds, {False: list(train), True: list(validation)}

    def voices(self, held_out):
        """As told."""
        return self._voices[held_out]

    def draw(self, rng, held_out):
        """The first there is, which fails where there is none."""
        return Speaker("piper", self._voices[held_out][0])

    def speak(self, text, speaker):
        """What it has for the text."""
        if text not in self._sounds:
            raise VoiceError(f"piper: nothing for {text!r}")
        return self._sounds[text]


def studio(sounds=None, **voices):
    """One engine, which goes by the name of a real one for its share."""
    return Studio({"piper": Says(sounds or {}, **voices)}, TEXTS, warps=False)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["positive", "hard", "sentence"]))
def test_an_engine_with_voices_of_one_split_is_asked_for_those(seed, kind):
    """Piper alone has none for validation: its clips are all for training, and the other way."""
    rng = np.random.default_rng(seed)
    assert studio(validation=()).draw(kind, rng).split == "train"
    assert studio(train=()).draw(kind, rng).split == "validation"


def test_a_quarter_of_the_positives_is_carried():
    """And nothing else is; about an eighth is for validation."""
    rng = np.random.default_rng(0)
    drawn = [studio().draw("positive", rng) for _ in range(1_000)]
    assert 200 < sum(d.carried for d in drawn) < 300
    assert all(d.carried == (d.text.rstrip(".!?,") != "activate") for d in drawn)
    assert 80 < Counter(d.split for d in drawn)["validation"] < 160
    others = [studio().draw(kind, rng) for kind in ("hard", "sentence") for _ in range(50)]
    assert not any(d.carried for d in others)
    german = Studio({"piper": Says({})}, texts_for("Annas", ["Ja."], language="de"), warps=False)
    assert not any(german.draw("positive", rng).carried for _ in range(50))


@pytest.mark.parametrize("first", [True, False])
def test_a_carried_word_is_labelled_where_it_is(first):
    """By the same speaker saying it alone; the outer edge is the clip's."""
    text = "activate, stop." if first else "hey, activate."
    phrase = np.concatenate([WORD, OTHER] if first else [OTHER, WORD])
    made = studio({text: phrase, "activate.": WORD}).take(
        "positive", Drawn(text, SPEAKER, None, "train", carried=True)
    )
    assert made.reason == ""
    start, end = made.keyword
    expected = (0, len(WORD)) if first else (len(OTHER), len(phrase))
    assert abs(start - expected[0]) <= 800
    assert abs(end - expected[1]) <= 800


@pytest.mark.parametrize(
    ("text", "sounds", "reason"),
    [
        ("activate.", {}, "unsayable"),
        ("activate.", {"activate.": WORD * 0}, "silent"),
        ("activate.", {"activate.": np.tile(WORD, 9)}, "too long"),
        ("activate.", {"activate.": np.clip(WORD, -0.1, 0.1)}, "clipped"),
        ("activate, stop.", {"activate, stop.": np.concatenate([OTHER, WORD])}, "word not found"),
    ],
)
def test_each_reason_is_told(text, sounds, reason):
    """In the words that the last line counts by; what wasn't said alone isn't found either."""
    carried = text != "activate."
    for alone in ({}, {"activate.": WORD} if carried else {}):
        made = studio(sounds | alone).take("positive", Drawn(text, SPEAKER, None, "train", carried))
        assert made.reason == reason


@pytest.mark.skipif(not has_world(), reason="needs the synth extra")
def test_a_changed_speaker_says_it_in_the_same_time():
    """So what was found before the change is where it was."""
    text = "activate, stop."
    sounds = {text: np.concatenate([WORD, OTHER]), "activate.": WORD}
    plain = Drawn(text, SPEAKER, None, "train", carried=True)
    changed = Drawn(text, SPEAKER, Warp(1.1, 1.2, 1.0), "train", carried=True)
    before, after = (studio(sounds).take("positive", drawn) for drawn in (plain, changed))
    assert after.keyword == before.keyword
    assert len(after.sound) == len(before.sound)
    assert np.abs(after.sound - before.sound).max() > 0.01


def test_what_a_manifest_lists_is_all_that_was_drawn():
    """But for how it was carried, which its text tells."""
    row = Drawn("activate!", SPEAKER, Warp(1.0, 1.1, 0.9), "validation").row()
    assert row == {
        "text": "activate!",
        "engine": "piper",
        "voice": "one",
        "parameters": {},
        "warp": {"formants": 1.0, "pitch": 1.1, "range": 0.9},
        "split": "validation",
    }
    assert take_module.Drawn("a", SPEAKER, None, "train").row()["warp"] is None
