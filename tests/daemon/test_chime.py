"""Chimes: what they are, when they are played, what the pipeline makes of hearing them."""

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.daemon.chime import Chimes
from wakeful.daemon.chime_sounds import KINDS, ChimeError, load_chime, load_chimes
from wakeful.daemon.chime_tones import TUNES
from wakeful.daemon.events import (
    Command,
    Digits,
    Ready,
    SpeechEnd,
    SpeechStart,
    Stamp,
    Transcript,
    Wake,
)
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import ChimeSettings, Settings
from wakeful.models.bundle import load_bundle, shipped_models
from wakeful.models.runtime import TriggerModel

RATE_HZ = 16_000
EVERY = ChimeSettings(ended="")


class Turntable:
    """A player that notes what it was given; `busy` while a sound goes on."""

    def __init__(self):
        self.played, self.busy, self.closed = [], False, 0

    def play(self, sound, rate_hz):
        """Begun, unless it is busy."""
        if not self.busy:
            self.played.append((sound, rate_hz))
        return not self.busy

    def close(self):
        """Count it."""
        self.closed += 1


def happened(kind, **fields):
    """An event of a kind."""
    return kind(seq=0, time=0.0, sample=16_000, source="test", **fields)


def wake():
    """The word."""
    return happened(Wake, keyword="beep", model="beep", score=0.9)


def ended(ending):
    """The end of what was said."""
    return happened(SpeechEnd, start_sample=0, duration_s=1.0, ending=ending)


def answered(kind, **fields):
    """A recognizer's answer."""
    about = {"wake_seq": 1, "start_sample": 0, "recognizer": "r", "confidence": 1.0, "took_ms": 1.0}
    return happened(kind, **about, **fields)


def names_of(turntable):
    """Which chimes those were."""
    sounds = {load_chime(kind, "", -12.0, 48_000).at(48_000).tobytes(): kind for kind in KINDS}
    return [sounds[sound.tobytes()] for sound, _ in turntable.played]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000, 96_000])
def test_a_tune_is_soft_at_both_ends_and_short(kind, rate_hz):
    """It begins and ends at zero without a click, is full scale in between, and lasts 0.3 s."""
    sound = TUNES[kind].sound(rate_hz)
    edge = rate_hz // 1_000
    assert np.abs(sound).max() == pytest.approx(1)
    assert np.abs(sound[: edge // 2]).max() < 0.3
    assert np.abs(sound[-edge:]).max() < 0.01
    assert 0.2 <= len(sound) / rate_hz <= 0.4
    assert abs(sound.mean()) < 0.01


def test_tunes_differ():
    """No two of them are alike, so that one need not look to know."""
    sounds = [TUNES[kind].sound(RATE_HZ) for kind in KINDS]
    likeness = np.abs(np.corrcoef(sounds)) - np.eye(3)
    assert likeness.max() < 0.6


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([wake()], ["wake"]),
        ([wake(), ended("silence")], ["wake", "ended"]),
        ([wake(), ended("longest")], ["wake", "ended"]),
        ([wake(), ended("nothing")], ["wake", "not-understood"]),
        ([wake(), ended("end")], ["wake"]),
        ([wake(), ended("wake"), wake()], ["wake", "wake"]),
        ([wake(), ended("nothing"), answered(Transcript, text="")], ["wake", "not-understood"]),
        ([wake(), answered(Transcript, text="on")], ["wake"]),
        ([wake(), answered(Digits, text="")], ["wake", "not-understood"]),
        ([wake(), answered(Command, label="_unknown_")], ["wake", "not-understood"]),
        ([wake(), answered(Command, label="go")], ["wake"]),
        ([happened(Ready, models=["beep"]), ended("silence")], []),
    ],
)
def test_each_occasion_has_its_chime_once(events, expected):
    """What is played for what, and each at most once for one wake."""
    turntable = Turntable()
    chimes = Chimes(EVERY, turntable)
    for event in events:
        chimes.event(event)
    assert names_of(turntable) == expected
    assert {rate for _, rate in turntable.played} <= {48_000}
    chimes.close()
    assert turntable.closed == 1


def test_what_is_turned_off_is_not_played():
    """`on = false`, or - as a name."""
    for silent in (ChimeSettings(on=False), ChimeSettings(wake="-", not_understood="-")):
        turntable = Turntable()
        chimes = Chimes(silent, turntable)
        for event in (wake(), ended("silence"), wake(), ended("nothing")):
            chimes.event(event)
        assert turntable.played == []


def test_volume_is_what_the_settings_say():
    """In dB below full scale, at the peak."""
    for volume_db in (-40.0, -12.0, 0.0):
        sound = load_chime("wake", "", volume_db, 48_000).at(48_000)
        assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(volume_db, abs=0.01)


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (44_100, 2), (96_000, 6)])
def test_a_file_of_ones_own(tmp_path, rate_hz, channels):
    """Any rate and channels; the same length and pitch at 48 kHz, and as loud as ours."""
    t = np.arange(rate_hz // 2) / rate_hz
    tone = 0.1 * np.sin(2 * np.pi * 1_000 * t)
    soundfile.write(tmp_path / "own.wav", np.stack([tone] * channels, axis=1), rate_hz)
    made = load_chimes(ChimeSettings(wake=str(tmp_path / "own.wav")), 48_000)["wake"]
    sound = made.at(48_000)
    assert len(sound) == pytest.approx(24_000, abs=2)
    assert np.argmax(np.abs(np.fft.rfft(sound))) * 2 == pytest.approx(1_000, abs=4)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-12, abs=0.5)
    assert len(made.reference()) == pytest.approx(8_000, abs=2)


def test_a_file_that_can_not_be_one(tmp_path):
    """Missing, no sound, cut off, too long, silent: one line with the setting and the file."""
    (tmp_path / "text.wav").write_text("not a sound")
    soundfile.write(tmp_path / "long.wav", np.ones(5 * 8_000 + 800) * 0.1, 8_000)
    soundfile.write(tmp_path / "silent.wav", np.zeros(800), 8_000)
    for name, reason in [
        ("missing.wav", "No such file"),
        ("text.wav", "no sound file"),
        ("long.wav", "may last 5 s"),
        ("silent.wav", "is silent"),
    ]:
        with pytest.raises(ChimeError, match=reason) as error:
            Chimes(ChimeSettings(not_understood=str(tmp_path / name)), Turntable())
        assert str(error.value).startswith("chime.not_understood: ")
        assert name in str(error.value)
        assert "\n" not in str(error.value)


@pytest.fixture(scope="module")
def beeper(beep_bundle):
    """The test model."""
    return TriggerModel(load_bundle(beep_bundle))


def beep():
    """The test model's word."""
    t = np.arange(int(0.18 * RATE_HZ)) / RATE_HZ
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    return np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]) * 9_830


class Room:
    """A loudspeaker that the microphone hears: what is played is laid into the sound to come."""

    def __init__(self, sound, late_s=0.15, gain=1.0, tail_s=0.25, seed=0):
        rng = np.random.default_rng(seed)
        time_s = np.arange(int(tail_s * RATE_HZ)) / RATE_HZ
        echoes = rng.normal(size=len(time_s)) * 10 ** (-3 * time_s / tail_s)
        self.response = gain * np.r_[1, 0.4 * echoes / np.linalg.norm(echoes)]
        self.dry, self.late = sound.astype(float), round(late_s * RATE_HZ)
        self.sound, self.at, self.begins, self.held = self.dry.copy(), 0, [], 0

    def play(self, sound, rate_hz):
        """It comes back some time after what has been fed so far."""
        assert rate_hz == 48_000
        heard = np.convolve(sound[::3] * 32_767.0, self.response)
        begin = self.at + self.late
        room = self.sound[begin : begin + len(heard)]
        room += heard[: len(room)]
        self.begins.append(begin)
        return True

    def close(self):
        """Nothing to stop."""

    def listen(self, models, chimed=True, piece=480):
        """What a daemon hears in it, in pieces of 30 ms; events and pipeline."""
        pipeline = Pipeline(Settings(), models, Stamp("room", 0.0))
        chimes = Chimes(ChimeSettings(on=chimed), self)
        events = []
        for end in range(piece, len(self.dry) + 1, piece):
            self.at = end
            now = self.sound[end - piece : end].clip(-32_768, 32_767).astype(np.int16)
            came = pipeline.feed(now)
            for event in came:
                chimes.event(event)
            chimes.heard(pipeline)
            self.held += piece * pipeline.own_sound.is_expected
            events += came
        return events + pipeline.flush(), pipeline


def scene(*parts, hiss=6.0):
    """Silence of so many seconds, and sounds, over hiss."""
    sounds = [np.zeros(round(p * RATE_HZ)) if isinstance(p, float) else p for p in parts]
    dry = np.concatenate(sounds)
    return dry + np.random.default_rng(9).normal(size=len(dry)) * hiss


def of(kind, events):
    """The events of a kind."""
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize("late_s", [0.0, 0.15, 0.5])
@pytest.mark.parametrize("gain", [0.05, 0.3, 1.0])
def test_a_chime_is_no_speech(beeper, late_s, gain):
    """The word, then nothing but our own chime: nothing was said."""
    room = Room(scene(1.0, beep(), 6.0), late_s, gain)
    events, _ = room.listen([beeper])
    assert len(room.begins) == 2  # for the word; and for saying nothing
    assert [e.ending for e in of(SpeechEnd, events)] == ["nothing"]
    assert not of(SpeechStart, events)


def test_without_removal_a_chime_would_be_speech(beeper, monkeypatch):
    """The tests here can fail: a pipeline that isn't told takes the chime for speech."""
    monkeypatch.setattr(Pipeline, "expect_chime", lambda *_: None)
    events, _ = Room(scene(1.0, beep(), 6.0), 0.25).listen([beeper])
    assert of(SpeechStart, events)


@pytest.mark.parametrize("pause_s", [0.0, 0.1, 0.3, 0.6, 1.5])
@pytest.mark.parametrize("gain", [0.05, 0.5])
def test_speech_during_the_chime_is_taken_whole(beeper, voice, pause_s, gain):
    """Said at once, into the chime, or after it: the bounds are those without a chime.

    What is handed on differs from the voice by 1 % of the chime, or by 0.1 % of the voice.
    """
    said = scene(1.0, beep(), 0.1 + pause_s, voice.astype(float), 2.0)
    chimed = Room(said, late_s=0.1, gain=gain)
    events, pipeline = chimed.listen([beeper])
    quiet, _ = Room(said).listen([beeper], chimed=False)
    (start,), (end,) = of(SpeechStart, events), of(SpeechEnd, events)
    (start_before,), (end_before,) = of(SpeechStart, quiet), of(SpeechEnd, quiet)
    # Of a chime that the voice half buries, some is left that may be taken for its beginning;
    # nothing of the voice is ever missing.
    found = pipeline.own_sound.last.suppressed_db > 20
    earliest = start_before.sample if found else chimed.begins[0] - round(0.3 * RATE_HZ)
    assert earliest - 960 <= start.sample <= start_before.sample + 960
    assert abs(end.sample - end_before.sample) <= 960
    assert end.ending == "silence"
    handed_on = pipeline.audio(start.sample, end.sample)
    heard = np.rint(chimed.sound[start.sample : end.sample])
    wanted = np.rint(said[start.sample : end.sample])
    wrong, chime = power(handed_on - wanted), power(heard - wanted)
    assert wrong <= max(0.01 * chime, 0.001 * power(wanted))
    if chime > 1e-3 * power(wanted):
        assert wrong < chime / 2


@pytest.mark.parametrize(("late_s", "gain"), [(0.05, 1.0), (0.1, 0.05), (0.3, 0.3), (0.6, 0.3)])
def test_nothing_is_held_back_for_longer_than_the_chime_lasts(beeper, voice, late_s, gain):
    """Chime, echo, and the time until it is looked for again; on headphones for as long as ever."""
    said = scene(1.0, beep(), 0.3, voice.astype(float), 2.0)
    room, nowhere = Room(said, late_s, gain), Room(said, late_s, 0.0)
    for one in (room, nowhere):
        one.listen([beeper])
    length_s = len(load_chime("wake", "", -12.0, 48_000).reference()) / RATE_HZ
    assert room.held / RATE_HZ < late_s + length_s + 0.3 + 0.24 + 0.1
    assert nowhere.held / RATE_HZ > length_s + 1.0


def power(sound):
    """Its energy."""
    return float(np.dot(sound, sound))


def test_with_headphones_nothing_is_changed(beeper, voice):
    """Bit for bit what was heard, and the same bounds, only told later."""
    said = scene(1.0, beep(), 0.3, voice.astype(float), 2.0)
    room = Room(said, gain=0.0)
    events, pipeline = room.listen([beeper])
    quiet, raw = Room(said).listen([beeper], chimed=False)
    assert [type(e) for e in events] == [type(e) for e in quiet]
    assert [e.sample for e in events] == [e.sample for e in quiet]
    assert (pipeline.audio(0, pipeline.samples) == raw.audio(0, raw.samples)).all()


def test_a_word_that_comes_again_during_the_chime(beeper, voice):
    """The first utterance is ended by it and the second has its own end, in order."""
    said = scene(1.0, beep(), 1.6, beep(), 0.2, voice.astype(float), 2.0)
    events, _ = Room(said, late_s=0.5).listen([beeper])
    kinds = [e.__struct_config__.tag for e in events]
    assert kinds.count("wake") == kinds.count("speech.end") == 2
    assert kinds.index("speech.end") < len(kinds) - 1 - kinds[::-1].index("wake")


def test_a_break_forgets_what_was_played(beeper):
    """After a lost microphone no chime is looked for, and blocks go straight on."""
    pipeline = Pipeline(Settings(), [beeper], Stamp("test", 0.0))
    pipeline.expect_chime(load_chime("wake", "", -12.0, RATE_HZ).reference())
    assert pipeline.own_sound.is_expected
    pipeline.feed(np.zeros(4_800, np.int16))
    pipeline.interrupt()
    assert not pipeline.own_sound.is_expected


@settings(max_examples=20)
@given(
    cuts=st.lists(st.integers(1, 9_000), max_size=12),
    late=st.integers(0, 9_000),
    gain=st.floats(0, 1),
)
def test_any_cut_gives_the_same_sound_and_events(beeper, cuts, late, gain):
    """However the sound comes, the chime is taken out of it to the same bits."""
    chime = load_chime("wake", "", -12.0, RATE_HZ).reference()
    sound = scene(1.0, beep(), 3.0)
    at = 2 * 960 * 12
    sound[at + late : at + late + len(chime)] += gain * chime
    samples = sound.astype(np.int16)

    def run(pieces):
        pipeline = Pipeline(Settings(), [beeper], Stamp("test", 0.0))
        events = pipeline.feed(samples[:at])
        pipeline.expect_chime(chime)
        for piece in pieces:
            events += pipeline.feed(piece)
        return events + pipeline.flush(), pipeline.audio(0, len(samples))

    whole_events, whole = run([samples[at:]])
    edges = np.cumsum(cuts)
    cut_events, cut = run(np.split(samples[at:], edges[edges < len(samples) - at]))
    assert cut_events == whole_events
    assert (cut == whole).all()


@pytest.mark.parametrize("name", shipped_models("trigger"))
def test_no_chime_wakes_a_shipped_model(name):
    """At every level from a whisper to clipping, in rooms, one after another: silence."""
    rng = np.random.default_rng(11)
    parts = []
    for kind in KINDS:
        played = load_chime(kind, "", 0.0, RATE_HZ).reference()
        for level_db in (-50, -35, -20, -10, 0, 12):
            echoes = rng.normal(size=6_400) * 10 ** (-3 * np.arange(6_400) / 6_400)
            echoes *= rng.uniform(0, 1.2) / np.linalg.norm(echoes)
            parts += [np.convolve(played, np.r_[1, echoes]) * 10 ** (level_db / 20), 0.7]
    sound = scene(1.0, *parts, 1.0).clip(-32_768, 32_767).astype(np.int16)
    model = TriggerModel(load_bundle(name))
    pipeline = Pipeline(Settings(), [model], Stamp("test", 0.0))
    assert not of(Wake, pipeline.feed(sound) + pipeline.flush())
    assert pipeline.best_scores[0] < 0.5
