"""Other languages: said by voices of that language only, and what isn't there is told."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from wakeful.synth.clips import MANIFEST
from wakeful.synth.engines import ENGINES, NATIVE, installed, open_engine
from wakeful.synth.phrases import texts_for
from wakeful.synth.synth_command import synth
from wakeful.synth.voice import EngineMissingError

needs_espeak = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="apt install espeak-ng")


def voice_of(name, language):
    """An engine's voices of a language; skipped where the engine isn't installed."""
    there, missing = installed([name])
    if not there:
        pytest.skip(missing[name])
    return open_engine(name, language)


@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize(("language", "word"), [("de", "Käsekuchen"), ("es", "mañana")])
def test_a_native_voice_says_it(name, language, word):
    """Umlauts and accents are heard: without them it is another word."""
    engine = voice_of(name, language)
    rng = np.random.default_rng(0)
    speaker = engine.draw(rng, held_out=False)
    assert speaker.voice.lower().startswith(language)
    said, bare = (
        engine.speak(text, speaker) for text in (word, word.translate({228: 97, 241: 110}))
    )
    assert 4_000 < len(said) < 40_000
    assert len(said) != len(bare) or np.abs(said - bare).max() > 0.01


@pytest.mark.parametrize(
    ("language", "word"), [("ru", "привет"), ("ja", "こんにちは"), ("hi", "नमस्ते")]
)
def test_other_scripts_are_said_by_who_reads_them(language, word):
    """And by no English voice."""
    engine = voice_of("espeak-ng", language)
    sound = engine.speak(word, engine.draw(np.random.default_rng(0), held_out=True))
    assert 4_000 < len(sound) < 40_000


def test_kept_speakers_are_kept_in_every_language():
    """A variant that validates English never trains German."""
    german, english = voice_of("espeak-ng", "de"), open_engine("espeak-ng")
    kept = {voice.partition("+")[2] for voice in english.voices(True)}
    assert {voice.partition("+")[2] for voice in german.voices(True)} == kept
    assert not kept & {voice.partition("+")[2] for voice in german.voices(False)}


@pytest.mark.parametrize("language", ["xx", "", "e;x", "--voices", "de de", "../en", "d"])
@pytest.mark.parametrize("name", NATIVE)
def test_what_is_no_language_is_one_line(name, language):
    """A code that no voice has, and what is no code at all."""
    voice_of(name, "de")
    with pytest.raises(EngineMissingError, match=r"no voice of|give a code") as refusal:
        open_engine(name, language)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", sorted(ENGINES.keys() - NATIVE.keys()))
def test_an_english_engine_says_so(name):
    """Whether or not it is installed, it would say the word as if it were English."""
    with pytest.raises(EngineMissingError, match="no voice of 'de'; espeak-ng, pico may"):
        open_engine(name, "de")


def test_nothing_english_is_said_around_it():
    """No carrier, no made-up talk, no word of the English dictionary."""
    texts = texts_for("Annas", ["Die Sonne scheint."], ["Hanna"], lambda text: text, "de")
    rng = np.random.default_rng(0)
    assert {texts.draw("sentence", rng) for _ in range(20)} == {"Die Sonne scheint."}
    assert {texts.draw("carried", rng).rstrip(".!?,") for _ in range(20)} == {"Annas"}
    hard = {texts.draw("hard", rng) for _ in range(60)}
    spoken = {word for text in hard for word in text.rstrip(".").split()}
    assert spoken == {"Hanna", "Ann", "nas", "Die", "Sonne", "scheint"}
    alone = texts_for("Annas", language="de")
    assert all(alone.draw("hard", rng) in ("Ann.", "nas.") for _ in range(20))


@needs_espeak
def test_the_command_makes_clips_of_another_language(tmp_path):
    """By voices of that language, with what can't be made told once."""
    said = tmp_path / "said.txt"
    said.write_text("Die Sonne scheint heute.\n", encoding="utf-8")
    few = ["--positive", "2", "--hard", "1", "--sentence", "1", "--processes", "1"]
    command = ["clips", "Käsekuchen", "--language", "de", "--engine", "espeak-ng", *few]
    told = CliRunner().invoke(
        synth, [*command, "--out", str(tmp_path / "de"), "--sentences", str(said)]
    )
    assert told.exit_code == 0, told.output
    assert "only English has a dictionary here; give --near" in told.stderr
    rows = [json.loads(x) for x in (tmp_path / "de/sentence" / MANIFEST).read_text().splitlines()]
    assert [row["text"] for row in rows] == ["Die Sonne scheint heute."]
    assert all(row["voice"].startswith("de+") for row in rows)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ((), "give --sentences FILE, or --sentence 0"),
        (("--sentence", "0", "--hard", "0", "--judge"), "it understands English only"),
        (
            ("--sentence", "0"),
            "nothing is known that sounds like 'Anna'; give --near FILE, or --hard 0",
        ),
    ],
)
def test_what_is_english_only_is_refused(tmp_path, more, line):
    """Before anything is made."""
    out = tmp_path / "out"
    told = CliRunner().invoke(
        synth, ["clips", "Anna", "--language", "de", "--out", str(out), *more]
    )
    assert told.exit_code == 2
    assert line in told.output
    assert not out.exists()
