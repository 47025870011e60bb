"""A network's surest mistakes: which they are, that they are kept, and that they can be heard."""

import json
from dataclasses import asdict
from pathlib import Path

import msgspec
import numpy as np
import pytest
import recorded
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from parsed_page import Parsed, decoded
from wakeful.training.corpora import Clip
from wakeful.training.mistake_cards import mistakes_told, sound_card
from wakeful.training.mistakes import Mistake, surest, surest_mistakes

NAMES = ("a", "b", "c")
CLIPS = [Clip(Path(f"{n}.wav"), "x", f"who{n}") for n in range(9)]


@given(
    arrays(np.float32, (9, 3), elements=st.floats(-9, 9, width=32)),
    st.lists(st.integers(0, 2), min_size=9, max_size=9),
    st.integers(1, 12),
)
def test_the_surest_wrong_ones_come_first(scores, truths: list[int], most: int) -> None:
    """All that are kept are wrong, none that was left out is surer, and shares are shares."""
    found = surest_mistakes(CLIPS, scores, truths, NAMES, most)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    heard = scores.argmax(axis=1)
    wrong = [n for n in range(9) if heard[n] != truths[n]]
    assert len(found) == min(most, len(wrong))
    expected = sorted((float(shares[n, heard[n]]) for n in wrong), reverse=True)[:most]
    assert [m.sure for m in found] == pytest.approx(expected, abs=1e-4)
    for mistake in found:
        n = int(Path(mistake.file).stem)
        assert mistake.said == NAMES[truths[n]] != mistake.heard == NAMES[heard[n]]
        assert mistake.believed == pytest.approx(float(shares[n, truths[n]]), abs=1e-4)
        assert mistake.speaker == f"who{n}"
        assert Path(mistake.file).is_absolute()


def test_without_clips_there_are_no_mistakes() -> None:
    """An empty side is no error."""
    assert surest_mistakes([], np.zeros((0, 3)), [], NAMES) == []


def test_of_several_fits_the_surest_are_taken() -> None:
    """Whichever speaker was left out."""
    wrong = [Mistake("f", "a", "b", sure, 0.1) for sure in (0.2, 0.9, 0.5)]
    assert [m.sure for m in surest(wrong, 2)] == [0.9, 0.5]


def test_they_are_kept_as_they_are() -> None:
    """In a row's JSON, whichever of the two ways it is written."""
    mistake = Mistake("/d/f.wav", "a", "b", 0.75, 0.25, "ann", 1.5, 2.0)
    assert msgspec.json.decode(msgspec.json.encode(mistake), type=Mistake) == mistake
    assert Mistake(**json.loads(json.dumps(asdict(mistake)))) == mistake
    assert mistake.clip == Clip(Path("/d/f.wav"), "a", "ann", None, 1.5, 2.0)


@pytest.fixture
def told(tmp_path: Path) -> Parsed:
    """A take, a piece of a long recording, one that has gone, and one that is broken."""
    sound = recorded.word(0, 1, 0)
    soundfile.write(tmp_path / "<b>.wav", sound, 16_000)
    long = np.concatenate([np.zeros(32_000), sound, np.zeros(8_000)])
    soundfile.write(tmp_path / "long.flac", long, 16_000)
    (tmp_path / "broken.wav").write_bytes(b"RIFF nothing")
    rows = [
        Mistake(str(tmp_path / "<b>.wav"), "one", "two", 0.98, 0.01, "<i>ann"),
        Mistake(str(tmp_path / "long.flac"), "one", "off", 0.9, 0.1, "", 2.0, 0.5),
        Mistake(str(tmp_path / "gone.wav"), "yes", "no", 0.8, 0.2),
        Mistake(str(tmp_path / "broken.wav"), "yes", "no", 0.7, 0.3),
    ]
    return Parsed(mistakes_told(rows))


def test_each_says_what_was_said_what_was_heard_and_how_sure(told: Parsed) -> None:
    """Names are text."""
    for text in ("“one” heard as “two”", "98.0% sure, 1.0% for one", "<i>ann", "<b>.wav"):
        assert text in told.text
    assert "long.flac from 2.00 s" in told.text
    assert not told.all("b")
    assert not told.all("i")


def test_the_very_piece_is_heard(told: Parsed, tmp_path: Path) -> None:
    """Of a long recording half a second from 2 s on, under its waveform and mel."""
    players = told.all("audio")
    assert len(players) == 2
    for player, seconds in zip(players, (len(recorded.word(0, 1, 0)) / 16_000, 0.5), strict=True):
        path = tmp_path / "heard.ogg"
        path.write_bytes(decoded(str(player["src"])))
        assert soundfile.info(path).duration == pytest.approx(seconds, abs=0.05)
    assert len([a for a in told.all("div") if a.get("class") == "timeline"]) == 2
    assert len(told.all("image")) == 2


def test_a_recording_that_has_gone_is_a_line(told: Parsed) -> None:
    """As is one that is broken now; the page is written all the same."""
    assert told.text.count("gone.wav: is not there any more") == 1
    assert told.text.count("broken.wav: not readable as sound") == 1


def test_a_network_without_mistakes_says_nothing() -> None:
    """Nor does the row of an older run, which kept none."""
    assert mistakes_told([]) == ""


def test_a_card_is_short_of_a_quarter_of_a_megabyte(tmp_path: Path) -> None:
    """However long the recording is."""
    noise = np.random.default_rng(1).normal(size=16_000 * 40) * 0.1
    soundfile.write(tmp_path / "hour.wav", noise, 16_000)
    assert len(sound_card(Clip(tmp_path / "hour.wav", "x"), "a", "b")) < 250_000
