"""Each engine listens for its own word: firings are counted where they are."""

from pathlib import Path

import pytest
import soundfile
from engine_process import fires
from engines import Engine, Samples, wakeful
from own_words import own_words, waked_falsely
from page_tables import own_rows
from wakeful.daemon.opening import DEMO


def test_a_process_of_ours_wakes_where_the_word_is(tmp_path: Path) -> None:
    """The demo says it twice; read as sound without the word, those are two false accepts."""
    sound, rate_hz = soundfile.read(DEMO, dtype="int16")
    soundfile.write(tmp_path / "talk.wav", sound, rate_hz)
    found = own_words(["wakeful"], None, [tmp_path])
    (at_s,) = found["fired"]["wakeful"]
    assert at_s == pytest.approx([2.2, 9.6], abs=0.15)
    assert found["seconds"] == pytest.approx(len(sound) / rate_hz, abs=0.1)
    assert waked_falsely(found)["wakeful"].per_hour == pytest.approx(7200 / found["seconds"])
    assert "| wakeful | “activate” | 2 |" in own_rows(found)


def test_firings_are_told_by_the_end_of_their_chunk() -> None:
    """An engine that fires at each third chunk does so at their ends; a rest is not fed."""
    fed: list[int] = []

    def feed(samples: Samples) -> bool:
        fed.append(len(samples))
        return len(fed) % 3 == 0

    sound, _ = soundfile.read(DEMO, dtype="int16", frames=1_050)
    found = fires(Engine("third", "-", "-", 100, lambda: feed), sound)
    assert found == {"fires": [300, 600, 900]}
    assert fed == [100] * 10


def test_a_stream_of_ours_tells_of_the_chunk_that_wakes_it() -> None:
    """And of no other."""
    sound, _ = soundfile.read(DEMO, dtype="int16")
    assert len(fires(wakeful("activate"), sound)["fires"]) == 2
