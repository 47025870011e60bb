"""Engines: each that is installed speaks what it can and says in one line what it can't."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from wakeful.synth.accents import ACCENTS, spoken, x_sampa
from wakeful.synth.engines import ENGINES, FAST, draw_engine, engine_class, installed
from wakeful.synth.sayable import LONGEST_TEXT, ascii_only, sayable
from wakeful.synth.voice import Speaker, VoiceError

THERE, MISSING = installed()
SAID = [
    "$(touch never); `id` | cat > never & exit",
    "<b>42 &amp; more</b>",
    "-v --help",
    'he said "no" \\ and (quit)',
    "’tis café — naïve…",
    "1234.5%",
    "one\x00two\x07\r\nthree\u200b",
]
LONG = "the quick brown fox " * 20
REFUSED = ["", "   ", "...!?", "\x00\x01", "日本語", "привет", "🙂", "x" * (LONGEST_TEXT + 1)]


def engine_of(name):
    """The engine, opened once for all tests; skipped where it isn't installed."""
    if name in MISSING:
        pytest.skip(MISSING[name])
    return THERE[name]


def speaker_of(engine, seed=0):
    """A drawn speaker, of validation where there is none to train with."""
    return engine.draw(np.random.default_rng(seed), held_out=not engine.voices(False))


@pytest.mark.parametrize("name", ENGINES)
def test_a_word_is_speech(name):
    """Finite, loud enough, not clipped, and about as long as a word takes."""
    engine = engine_of(name)
    sound = engine.speak("activate", speaker_of(engine))
    assert sound.dtype == np.float32
    assert 0.3 < len(sound) / 16_000 < 3
    assert 0.05 < np.abs(sound).max() < 1.2
    assert (np.abs(sound) > 0.999).mean() < 0.001


@pytest.mark.parametrize("name", ENGINES)
def test_nasty_text_is_said_not_obeyed(name, tmp_path, monkeypatch):
    """Shell characters, markup, digits, quotes and what can't be seen are text and nothing else."""
    engine = engine_of(name)
    monkeypatch.chdir(tmp_path)
    for text in SAID[:2] if name == "kokoro" else SAID:
        sound = engine.speak(text, speaker_of(engine))
        assert len(sound) > 3_000, text
        assert np.isfinite(sound).all()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_said_is_one_line(name, text):
    """Nothing to pronounce, another script, a page: who refuses it, in one printable line."""
    engine = engine_of(name)
    with pytest.raises(VoiceError, match=f"^{name}: .*") as refusal:
        engine.speak(text, speaker_of(engine))
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 160


@pytest.mark.parametrize("name", [name for name in ENGINES if name not in ("kokoro", "festival")])
def test_a_long_text_is_said_whole(name):
    """Four hundred characters last longer than two hundred, and longer than fifteen seconds."""
    engine = engine_of(name)
    speaker = speaker_of(engine)
    assert len(engine.speak(LONG, speaker)) > max(
        240_000, 1.8 * len(engine.speak(LONG[:200], speaker))
    )


def test_a_text_is_never_cut_to_fit():
    """Kokoro takes 509 sounds at once: one more and it says so instead of leaving out the end."""
    kokoro = engine_of("kokoro")
    with pytest.raises(VoiceError, match=r"^kokoro: .* too long"):
        kokoro.speak("strengths " * 99, speaker_of(kokoro))


@pytest.mark.parametrize("name", ENGINES)
def test_a_seed_draws_the_same_speaker(name):
    """And another seed, sooner or later, another one."""
    engine = engine_of(name)
    assert speaker_of(engine, 3) == speaker_of(engine, 3)
    assert len({repr(speaker_of(engine, seed)) for seed in range(9)}) > 3


@pytest.mark.parametrize("name", ["espeak-ng", "festival", "flite", "hibari", "pico"])
def test_a_speaker_says_the_same_twice(name):
    """To the bit, whoever spoke in between: a clip can be made again from its line."""
    engine = engine_of(name)
    for seed in range(1 if name == "festival" else 4):
        first = engine.speak("voyager", speaker_of(engine, seed))
        engine.speak("another one", speaker_of(engine, seed + 9))
        np.testing.assert_array_equal(first, engine.speak("voyager", speaker_of(engine, seed)))


@pytest.mark.parametrize("name", ["espeak-ng", "flite", "hibari", "pico"])
def test_whatever_number_was_drawn_is_heard(name):
    """Another one of it is another sound: what a manifest says was drawn had a part in the clip."""
    engine = engine_of(name)
    speakers = {s.voice: s for s in (speaker_of(engine, seed) for seed in range(12))}
    for speaker in speakers.values():
        said = engine.speak("voyager", speaker)
        for key, value in speaker.parameters.items():
            if isinstance(value, float | int):
                other = {**speaker.parameters, key: type(value)(0.85 * value)}
                heard = engine.speak("voyager", replace(speaker, parameters=other))
                assert not np.array_equal(said, heard), (speaker.voice, key)


@pytest.mark.parametrize("held_out", [False, True])
def test_a_drawn_length_is_heard_from_every_voice(held_out):
    """Festival's two kinds of voices take it in different ways."""
    festival = engine_of("festival")
    for voice in festival.voices(held_out):
        short, long = (
            len(festival.speak("voyager", Speaker("festival", voice, {"duration_stretch": s})))
            for s in (0.8, 1.3)
        )
        assert long > 1.25 * short, voice


@pytest.mark.parametrize("name", ENGINES)
def test_what_it_is_is_known_without_it(name):
    """Licences of program and voices, languages and a share, whether or not it is installed."""
    kind = engine_class(name)
    assert re.fullmatch(r"\S.* / \S.*", kind.licence)
    assert kind.languages
    assert kind.name == name
    assert ENGINES[name][1] > 0
    assert set(FAST) < set(ENGINES)


def test_validation_has_voices_of_several_engines():
    """An engine with more than one voice keeps one of them; it is drawn for validation only."""
    for name, engine in THERE.items():
        train, held_out = engine.voices(False), engine.voices(True)
        assert not set(train) & set(held_out)
        assert held_out or len(train) == 1, name
    if THERE:
        rng = np.random.default_rng(0)
        assert all(draw_engine(THERE, rng, True).voices(True) for _ in range(50))


@pytest.mark.parametrize("accent", ACCENTS)
def test_an_accent_is_heard(accent):
    """Each of Pico's other voices speaks English, each differently, none in silence."""
    pico = engine_of("pico")
    if accent not in pico.voices(False) + pico.voices(True):
        pytest.skip("accents need the package hibari-tts")
    parameters = {"speed": 1.0, "pitch": 1.0}
    sound, english, word = (
        pico.speak(text, Speaker("pico", voice, parameters))
        for voice, text in ((accent, "activate"), ("en-US", "activate"), (accent, "voyager"))
    )
    assert np.abs(sound).max() > 0.1
    assert len(sound) not in (len(english), len(word))


ENGLISH = (
    "ˈæktəvˌAt vˈYɪʤəɹ θˈɪŋ ðɪs vˈɪʒən wˈɜɹld hˌW jˈu ʧˈɜɹʧ bˈɑTəl lˈɔ ʃˈI ɡˈO fˈʊt ʌp bɛd ᵻ zip"
)


@pytest.mark.parametrize("accent", ACCENTS)
def test_every_english_vowel_has_a_neighbour(accent):
    """Only what a language leaves unsaid, its h, and length and stress marks come to nothing."""
    unsaid = {c for c in ENGLISH if c != " " and not x_sampa(c, ACCENTS[accent])}
    assert unsaid <= {"h", "ˈ", "ˌ", "ː"}
    assert len(spoken(ENGLISH, accent).split("/>")) == len(ENGLISH.split()) + 1


@pytest.mark.parametrize("accent", ACCENTS)
def test_accents_write_no_markup_of_the_text(accent):
    """Whatever a line of phonemes holds, nothing but our own element comes out of it."""
    said = spoken("<b>'\"&amp;ˈæ' /> ...", accent)
    assert re.fullmatch(r"(<phoneme ph='[^'<>&]+'/>[.,!?;:]* ?)*", said)
    assert spoken("... ' <>", accent) == ""


def test_text_for_old_engines_is_ascii():
    """Accents and curly quotes become what they look like."""
    assert ascii_only("café naïve ’tis — “so”…") == 'cafe naive \'tis - "so".'
    assert sayable(" one\n\ttwo ", "x") == "one two"


def test_a_broken_character_of_an_argument_is_survived():
    """A byte that isn't UTF-8 comes from the command line as half a character."""
    assert sayable("caf\udce9 one", "x") == "caf one"


def test_many_processes_put_the_best_voice_together_at_once(tmp_path):
    """On a machine that never spoke, each worker finds the model missing in the same moment."""
    engine_of("kokoro")
    code = "import sys; from wakeful.synth.kokoro import Kokoro; k = Kokoro(); sys.stdin.read()"
    command = [sys.executable, "-c", f"{code}; k._session"]
    told = os.environ | {"KOKORO_JA_CACHE": str(tmp_path)}
    begin, wait = os.pipe()
    crew = [
        subprocess.Popen(command, env=told, stdin=begin, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    os.close(begin)
    os.close(wait)
    assert [(worker.communicate()[1], worker.returncode) for worker in crew] == [("", 0)] * 4
    assert [path.suffix for path in tmp_path.iterdir()] == [".onnx"]
