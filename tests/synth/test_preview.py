"""Previews: every kind is there, what is shown is what training gets, and all that was drawn."""

import io
import json
import re
import shutil
from dataclasses import dataclass, field, fields, is_dataclass, replace

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from parsed_page import Parsed, decoded
from wakeful.models.errors import WakefulError
from wakeful.synth import shelf as shelves
from wakeful.synth.collection import CollectionError
from wakeful.synth.drawn_text import drawn_rows, spelt
from wakeful.synth.labels import LabelSettings, label_steps
from wakeful.synth.mixture import MixtureSettings, Placement, compose, draw_mixture
from wakeful.synth.noise import coloured
from wakeful.synth.palette import PaletteError
from wakeful.synth.preview import PreviewSettings, draw_examples, preview_page, said_in
from wakeful.synth.room import Room
from wakeful.synth.shelf import read_shelf, read_sound, speak_shelf
from wakeful.synth.synth_command import synth
from wakeful.synth.voice import EngineMissingError, VoiceError

RATE = 16_000
EVIL = '<img src=x onerror=alert(1)> & "co" 启动'
HAS_ENGINE = bool(shutil.which("espeak-ng") or shutil.which("flite"))


def clips(folder, kind, count, seconds, text):
    """Clips as ``wakeful synth clips`` leaves them, of coloured noise."""
    (folder / kind).mkdir(parents=True)
    rows = []
    for number in range(count):
        name = f"{number:06d}.flac"
        sound = 0.1 * coloured("pink", round(seconds * RATE), np.random.default_rng(number))
        soundfile.write(folder / kind / name, sound, RATE, subtype="PCM_16")
        row = {"number": number, "file": name, "text": text, "engine": "flite", "voice": "<slt>"}
        row |= {"parameters": {"int_f0_target_mean": 111}, "warp": None, "split": "train"}
        if kind == "positive":
            row |= {"keyword_start_s": 0.1, "keyword_end_s": round(seconds - 0.1, 3)}
        rows.append(json.dumps(row) + "\n")
    (folder / kind / "manifest.jsonl").write_text("".join(rows))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A few clips of each kind; the word's text is markup."""
    made = tmp_path_factory.mktemp("clips")
    clips(made, "positive", 3, 0.8, f"{EVIL}!")
    clips(made, "hard", 2, 0.5, "hard <b>text</b>")
    clips(made, "sentence", 3, 3.0, "A sentence.")
    return made


@pytest.fixture(scope="module")
def shelf(folder):
    """The same, read."""
    return read_shelf(folder, EVIL, np.random.default_rng(0))


@pytest.fixture(scope="module")
def page(shelf):
    """Its page, with what it was made from."""
    settings = PreviewSettings(count=8, seed=3)
    drawn = draw_examples(shelf.palette, settings)
    return Parsed(preview_page(EVIL, drawn, shelf, settings)), drawn


def run(*arguments):
    """The command as a user gives it."""
    return CliRunner().invoke(synth, ["preview", *map(str, arguments)])


@given(st.integers(0, 1_000), st.integers(5, 12))
@examples(max_examples=15)
def test_every_kind_is_shown_and_as_many_as_asked(shelf, seed, count):
    """And each is what training draws as the example of that number."""
    found = draw_examples(shelf.palette, PreviewSettings(count, seed))
    assert len(found) == count
    assert {e.mixture.kind for e in found} == {"word", "hard", "part", "speech", "noise"}
    for example in found:
        drawn = draw_mixture(np.random.default_rng([seed, example.number]), shelf.palette)
        assert example.mixture == drawn
    assert np.array_equal(found[0].samples, compose(found[0].mixture, shelf.palette))


def test_fewer_than_there_are_kinds_are_all_different(shelf):
    """With no near words, none of them; one alone is one."""
    three = draw_examples(shelf.palette, PreviewSettings(3, 1))
    assert len({e.mixture.kind for e in three}) == 3
    bare = replace(shelf.palette, hard=[])
    kinds = {e.mixture.kind for e in draw_examples(bare, PreviewSettings(9, 1))}
    assert kinds == {"word", "part", "speech", "noise"}
    only = PreviewSettings(4, 1, MixtureSettings(shares=(("word", 1.0), ("noise", 0.0))))
    assert {e.mixture.kind for e in draw_examples(bare, only)} == {"word"}


def test_there_is_a_player_for_each_and_it_plays_that(page):
    """In order, to the bit."""
    document, drawn = page
    players = document.all("audio")
    assert len(players) == len(document.all("article")) == len(drawn) == 8
    for audio, example in zip(players, drawn, strict=True):
        heard, _ = soundfile.read(io.BytesIO(decoded(audio["src"])), dtype="int16")
        assert np.array_equal(heard, example.samples)


def test_the_page_loads_nothing(page):
    """Whatever names a place names the page itself."""
    document, _ = page
    places = ("src", "href", "action", "data", "srcset", "poster", "xlink:href")
    for _, attributes in document.found:
        for key in places:
            assert attributes.get(key, "data:").startswith("data:")
        assert "url(" not in (attributes.get("style") or "")
    assert not document.all("link")
    style = document.text
    assert "@import" not in style
    assert not re.search(r"https?://", style)


def test_texts_of_others_are_shown_as_text(page):
    """Markup in a word's text, a voice and a title makes no element."""
    document, _ = page
    assert not document.all("img")
    assert not document.all("b")
    assert f"{EVIL}!" in document.text
    assert "<slt>" in document.text
    assert all(not key.startswith("on") for _, found in document.found for key in found)


def test_labels_lie_over_the_pictures(page):
    """For a word: the stretch that training labels 1, masked ones around it, the word's end."""
    document, drawn = page
    lines = [float(a["x1"]) for a in document.all("line") if a["class"] == "end"]
    words = [e.mixture for e in drawn if e.mixture.kind == "word"]
    # Each over the waveform and over the features; one more is in the legend.
    expected = [1_000 * m.word_end / m.length for m in words for _ in range(2)]
    assert lines[1:] == pytest.approx(expected, abs=0.06)
    boxes = [a for a in document.all("rect") if a["class"] == "labelled"][1:]
    for at, m in enumerate(words):
        labels = label_steps(m.word_end, 84, 480)
        first, last = np.flatnonzero(labels == 1)[[0, -1]]
        box = boxes[2 * at]
        assert float(box["x"]) == pytest.approx(1_000 * first / 84, abs=0.1)
        assert float(box["width"]) == pytest.approx(1_000 * (last + 1 - first) / 84, abs=0.1)
    assert len(boxes) == 2 * len(words) > 0


def test_all_that_was_drawn_is_told(page):
    """Each field of the mixture, of its clips and of its manifest is in the card's tables."""
    document, drawn = page
    for example in drawn:
        for name, value in drawn_rows(example.mixture, ("placements", "backdrops")):
            assert f"{name}{value}" in document.text
        for placement in example.mixture.placements:
            assert all(f"{n}{v}" in document.text for n, v in drawn_rows(placement))
    assert "parameters: int f0 target mean111" in document.text


def test_what_is_said_comes_in_order_of_time(shelf):
    """A part of the word is called one."""
    placed = (Placement("word", 0, 0, 800, 9_000), Placement("speech", 0, 0, 800, 100))
    drawn = draw_mixture(np.random.default_rng(0), shelf.palette)
    mixture = replace(drawn, kind="part", placements=placed)
    assert said_in(mixture, shelf) == f"A sentence. · part of “{EVIL}!”"
    assert said_in(replace(mixture, placements=()), shelf) == ""


def leaves(thing):
    """How many plain values a dataclass holds, all the way down."""
    return sum(
        leaves(value) if is_dataclass(value := getattr(thing, f.name)) else 1 for f in fields(thing)
    )


def test_no_field_is_forgotten_and_units_are_told():
    """Also of dataclasses that this test has only just made."""

    @dataclass(frozen=True)
    class Microphone:
        noise_dbfs: float = -70.0
        rates_hz: tuple[int, ...] = (8_000, 16_000)
        room: Room | None = field(default_factory=lambda: Room(0.25, 3.0, 0.004, 7))
        automatic: bool = True
        start: int = 8_000
        name: str = ""

    rows = drawn_rows(Microphone())
    assert len(rows) == leaves(Microphone()) == 9
    assert rows[0] == ("noise", "−70 dBFS")
    assert rows[1] == ("rates", "8000, 16000 Hz")
    assert ("room: decay", "0.25 s") in rows
    assert rows[-3:] == [("automatic", "yes"), ("start", "0.500 s"), ("name", "–")]
    assert drawn_rows(replace(Microphone(), room=None))[2] == ("room", "–")


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_numbers_are_spelt_near_what_they_are(value):
    """To three figures at least; the minus is one."""
    said = spelt(value)
    assert "-" not in said.partition("e")[0]
    assert float(said.replace("−", "-")) == pytest.approx(value, rel=1e-3)


def test_the_command_writes_a_page_and_lines(folder, tmp_path):
    """Two lines for each mixture, then the page's place; without --html no page."""
    done = run(EVIL, "--clips", folder, "--count", 5, "--html", tmp_path / "p.html")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert len(lines) == 11
    assert lines[-1] == str(tmp_path / "p.html")
    assert len(Parsed((tmp_path / "p.html").read_text(encoding="utf-8")).all("audio")) == 5
    again = run(EVIL, "--clips", folder, "--count", 5)
    assert again.stdout.splitlines() == lines[:-1]
    assert run(EVIL, "--clips", folder, "--seed", 2).stdout != again.stdout
    assert [p.name for p in tmp_path.iterdir()] == ["p.html"]


def test_rooms_and_a_household_are_told_and_shown(folder, tmp_path):
    """Each extra in its line, and all that was drawn of it on the page."""
    soundfile.write(tmp_path / "hall.wav", np.array([0.5, 0.0, 0.2]), RATE)
    arguments = [EVIL, "--clips", folder, "--count", 40, "--rooms", tmp_path, "--household"]
    done = run(*arguments, "--html", tmp_path / "p.html")
    assert done.exit_code == 0, done.output
    for told in ("crowd of ", "television at SNR ", "through a cheap device"):
        assert told in done.stdout
    page = Parsed((tmp_path / "p.html").read_text(encoding="utf-8")).text
    for told in ("room: number", "crowd: talkers 1: start", "television: bed", "device: bits"):
        assert told in page
    assert isinstance(run(*arguments[:-2], tmp_path / "gone").exception, WakefulError)


def test_wrong_clips_are_one_line(folder, tmp_path):
    """Another word's, none, one kind alone, a file that is no sound, a word beyond its end."""
    rng = np.random.default_rng(0)
    with pytest.raises(CollectionError, match=r"its clips say .* not 'voyager'"):
        read_shelf(folder, "voyager", rng)
    clips(tmp_path, "positive", 1, 0.8, "voyager.")
    with pytest.raises(CollectionError, match="no clips in a folder called 'sentence'"):
        read_shelf(tmp_path, "voyager", rng)
    clips(tmp_path, "sentence", 1, 0.8, "x")
    assert len(read_shelf(tmp_path, " Voyager ", rng).palette.word) == 1
    manifest = tmp_path / "positive" / "manifest.jsonl"
    manifest.write_text(manifest.read_text().replace('"keyword_end_s": 0.7', '"keyword_end_s": 2'))
    with pytest.raises(CollectionError, match=r"the word can't lie from 0\.1 to 2 s"):
        read_shelf(tmp_path, "voyager", rng)
    for odd in ('"soon"', "[1]", "NaN", "Infinity", "true"):
        manifest.write_text(re.sub(r'(_end_s": ).*}', rf"\1{odd}}}", manifest.read_text()))
        with pytest.raises(CollectionError, match="the word can't lie"):
            read_shelf(tmp_path, "voyager", rng)
    (tmp_path / "sentence" / "000000.flac").write_bytes(b"no sound")
    with pytest.raises(CollectionError, match="not readable as sound"):
        read_sound(tmp_path / "sentence" / "000000.flac")


def test_any_rate_and_channels_are_read(tmp_path):
    """Half a second of stereo at 44.1 kHz is half a second of mono at 16 kHz."""
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(22_050) / 44_100)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, tone], axis=1), 44_100)
    samples = read_sound(tmp_path / "a.wav")
    assert samples.dtype == np.int16
    assert len(samples) == 8_000
    assert np.argmax(np.abs(np.fft.rfft(samples))) == 220


def test_a_large_folder_is_drawn_from(tmp_path, monkeypatch):
    """Not read whole; another generator, other clips; each with its own line."""
    clips(tmp_path, "positive", 12, 0.5, "word")
    clips(tmp_path, "sentence", 1, 0.5, "x")
    monkeypatch.setattr(shelves, "_MOST", 4)
    drawn = [read_shelf(tmp_path, "word", np.random.default_rng(seed)) for seed in (0, 0, 1)]
    names = [[c.name for c in s.palette.word] for s in drawn]
    assert names[0] == names[1] != names[2]
    assert len(names[0]) == 4
    assert drawn[0].told("word", 2)["number"] == int(names[0][2][-11:-5])


@pytest.mark.skipif(not HAS_ENGINE, reason="apt install espeak-ng flite")
def test_without_clips_some_are_spoken_now(monkeypatch):
    """By a real engine; the same for a seed; what is said is known."""
    engine = "espeak-ng" if shutil.which("espeak-ng") else "flite"
    monkeypatch.setattr(shelves, "FAST", (engine,))
    monkeypatch.setattr(shelves, "_QUICK", {"positive": 2, "hard": 1, "sentence": 1})
    first, again = speak_shelf("activate", 1), speak_shelf("activate", 1)
    assert [c.name for c in first.palette.word] == ["positive/000000.flac", "positive/000001.flac"]
    told = first.told("word", 0)
    assert told["text"].startswith("activate")
    assert told["engine"] == engine
    for ours, theirs in zip(first.palette.speech, again.palette.speech, strict=True):
        assert np.array_equal(ours.samples, theirs.samples)


def test_without_an_engine_or_a_letter_it_is_one_line(monkeypatch):
    """What brings an engine is told."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(shelves, "FAST", ("espeak-ng",))
    monkeypatch.setattr(shelves, "ENGINES", ("flite",))
    with pytest.raises(EngineMissingError, match="flite is not installed"):
        speak_shelf("activate", 1)
    with pytest.raises(VoiceError, match="no letter"):
        speak_shelf("42", 1)


def test_labels_may_be_set(shelf):
    """A page shows the window that it is given, not one of its own."""
    wide = PreviewSettings(5, 1, labels=LabelSettings(from_s=-0.2, to_s=0.5))
    drawn = draw_examples(shelf.palette, wide)
    widths = []
    for settings in (wide, PreviewSettings(5, 1)):
        document = Parsed(preview_page("x", drawn, shelf, settings))
        boxes = [a for a in document.all("rect") if a["class"] == "labelled"]
        widths.append(sum(float(box["width"]) for box in boxes[1:]))
    assert widths[0] > widths[1] > 0


def test_nothing_to_mix_is_told_by_the_palette(shelf):
    """A palette without the word can't be made at all."""
    with pytest.raises(PaletteError):
        replace(shelf.palette, word=[])
