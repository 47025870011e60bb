"""Many streams in one process: each hears what it would hear alone, whoever comes and goes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.daemon.events import Stamp, Wake
from wakeful.daemon.many import ManyStreams, NoPlaceError
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import Settings
from wakeful.models.bundle import PRETRAINED, load_bundle
from wakeful.models.runtime import TriggerModel

soundfile = pytest.importorskip("soundfile")

STAMP = Stamp("test", 0.0)


@pytest.fixture(scope="module")
def models():
    """Two shipped words at once, whose networks are widened."""
    return [TriggerModel(load_bundle(name)) for name in ("activate", "computer")]


@pytest.fixture(scope="module")
def scenes(voice, rng_sound):
    """Some seconds each: the demo's word, talk, silence, hiss, and the word in talk."""
    demo, _ = soundfile.read(PRETRAINED / "demo.flac", dtype="int16")
    quiet = np.zeros(24_000, np.int16)
    return [
        np.concatenate([quiet, demo[16_000:48_000], quiet]),
        np.concatenate([voice, quiet, voice[:9_111]]),
        quiet,
        rng_sound(2.5, -35),
        demo[20_000:80_003],
    ]


def alone(models, sound):
    """The events of a pipeline of its own."""
    pipeline = Pipeline(Settings(), models, STAMP)
    return [*pipeline.feed(sound), *pipeline.flush()]


def plain(events):
    """Without the number that an event is given, and the time at which it was written."""
    return [(type(e).__name__, e.sample, getattr(e, "score", None)) for e in events]


@settings(max_examples=15)
@given(data=st.data())
def test_each_stream_hears_what_it_would_hear_alone(models, scenes, data):
    """Streams of any sounds that begin at any time, fed in any pieces, give their own events."""
    chosen = data.draw(st.lists(st.integers(0, len(scenes) - 1), min_size=1, max_size=6))
    late = data.draw(st.lists(st.integers(0, 4), min_size=len(chosen), max_size=len(chosen)))
    piece = data.draw(st.integers(1_000, 40_000))
    many = ManyStreams(Settings(), models, len(chosen))
    found, streams, at = {}, {}, dict.fromkeys(range(len(chosen)), 0)
    for turn in range(1_000):
        for n in range(len(chosen)):
            if late[n] == turn:
                streams[n] = many.open(STAMP)
        sound = {s: scenes[chosen[n]][at[n] : at[n] + piece] for n, s in streams.items()}
        heard = many.feed(sound)
        for n, stream in list(streams.items()):
            found.setdefault(n, []).extend(heard.get(stream, []))
            at[n] += piece
            if at[n] >= len(scenes[chosen[n]]):
                found[n] += many.close(stream)
                del streams[n]
        if not streams and turn >= max(late):
            break
    for n, scene in enumerate(chosen):
        assert plain(found[n]) == plain(alone(models, scenes[scene]))


def test_the_word_is_heard_in_every_stream_that_holds_it(models, scenes):
    """Forty streams at once: those with the word wake once each, the others never."""
    many = ManyStreams(Settings(), models, 40)
    streams = [many.open(STAMP) for _ in range(40)]
    sound = {s: scenes[0 if n % 4 == 0 else 1] for n, s in enumerate(streams)}
    heard = many.feed(sound)
    for n, stream in enumerate(streams):
        events = heard.get(stream, []) + many.close(stream)
        assert sum(isinstance(e, Wake) for e in events) == (n % 4 == 0)


def test_a_place_that_was_left_is_fresh_for_the_next(models, scenes):
    """Who takes the place of a stream that ended in the middle of the word hears none of it."""
    many = ManyStreams(Settings(), models, 1)
    first = many.open(STAMP)
    many.feed({first: scenes[0][:40_000]})
    many.close(first)
    second = many.open(STAMP)
    events = many.feed({second: scenes[4]}).get(second, []) + many.close(second)
    assert plain(events) == plain(alone(models, scenes[4]))


def test_more_streams_than_places_are_refused(models):
    """The error says what to do, and a stream that closes makes room again."""
    many = ManyStreams(Settings(), models, 1)
    first = many.open(STAMP)
    with pytest.raises(NoPlaceError, match="close one"):
        many.open(STAMP)
    many.close(first)
    assert many.open(STAMP) == first
