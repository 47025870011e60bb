"""The pipeline: any cut gives the same events and scores; sleeping changes nothing spoken."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.daemon.events import SpeechEnd, SpeechStart, Stamp, Wake
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import GateSettings, Settings
from wakeful.models.bundle import PRETRAINED, BundleFrontEndError, load_bundle
from wakeful.models.frontend import FrontEndConfig
from wakeful.models.runtime import TriggerModel

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def model(beep_bundle):
    """One set of weights for all streams here."""
    return TriggerModel(load_bundle(beep_bundle))


def beep():
    """The two tones that the test model was trained on."""
    t = np.arange(int(0.18 * RATE_HZ)) / RATE_HZ
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    return np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]) * 8_000


@pytest.fixture(scope="module")
def scene(voice, rng_sound):
    """Silence, a beep in the middle of talk, silence, talk alone, silence, talk and a beep."""
    b = beep().astype(np.int16)
    quiet = np.zeros(3 * RATE_HZ, np.int16)
    parts = [quiet, voice, b, voice, quiet, quiet, voice, quiet, voice[:8_000], b, quiet]
    return np.concatenate(parts) + rng_sound(sum(map(len, parts)) / RATE_HZ, -70)


class Scores:
    """Collects each step's probability by its sample; later ones overwrite earlier ones."""

    def __init__(self):
        self.at = {}

    def __call__(self, name, samples, probabilities):
        """One block's steps."""
        rows = zip(samples.tolist(), probabilities.tolist(), strict=True)
        self.at |= {(name, sample): probability for sample, probability in rows}


def run(model, sound, edges=(), sleep=True, models=None):
    """Events and scores of a sound, cut at `edges`."""
    scores = Scores()
    options = Settings(gate=GateSettings(sleep=sleep))
    pipeline = Pipeline(options, models or [model], Stamp("test", 0.0), scores)
    bounds = [0, *sorted(min(e, len(sound)) for e in edges), len(sound)]
    events = []
    for a, b in pairwise(bounds):
        events += pipeline.feed(sound[a:b])
    return events + pipeline.flush(), scores.at, pipeline


def wakes(events):
    """The samples at which it woke."""
    return [e.sample for e in events if isinstance(e, Wake)]


def test_it_wakes_where_the_word_is(model, scene):
    """Both beeps are heard, each once, within 0.3 s of their ends; talk alone wakes nothing."""
    events, _, _ = run(model, scene)
    ends = ends_of_beeps(scene)
    found = wakes(events)
    assert len(found) == len(ends)
    assert all(0 <= f - e < 0.3 * RATE_HZ for f, e in zip(found, ends, strict=True))


def ends_of_beeps(scene):
    """Where the beeps end, found by correlation with a clean one."""
    b = beep()
    likeness = np.correlate(scene.astype(float), b, "valid")
    first = int(np.argmax(likeness))
    likeness[max(0, first - RATE_HZ) : first + RATE_HZ] = 0
    return sorted(at + len(b) for at in (first, int(np.argmax(likeness))))


@settings(max_examples=20)
@given(edges=st.lists(st.integers(0, 400_000), max_size=40))
def test_any_cut_gives_the_same(model, scene, edges):
    """Events and probabilities are the same, to the bit, however the sound was cut."""
    whole = run(model, scene)
    pieces = run(model, scene, edges)
    assert pieces[0] == whole[0]
    assert pieces[1] == whole[1]


@pytest.mark.parametrize("size", [1, 7, 160, 959, 960, 961, 16_000])
def test_equal_pieces_give_the_same(model, scene, size):
    """So they are when it comes sample by sample, block by block, or a second at a time."""
    sound = scene[: 6 * RATE_HZ] if size < 100 else scene
    pieces = run(model, sound, range(size, len(sound), size))
    assert pieces[:2] == run(model, sound)[:2]


def test_sleeping_changes_nothing_that_is_spoken(model, scene):
    """With the gate on or off the events are the same, and every score of what was let through."""
    events, scores, _ = run(model, scene)
    awake_events, awake_scores, _ = run(model, scene, sleep=False)
    assert events == awake_events
    assert 0.2 < len(scores) / len(awake_scores) < 0.8
    assert scores == {at: awake_scores[at] for at in scores}


@settings(max_examples=15)
@given(
    order=st.lists(st.sampled_from(["voice", "beep", "quiet", "gap", "hiss"]), max_size=10),
    seed=st.integers(0, 3),
)
def test_sleeping_changes_nothing_in_any_order(model, voice, rng_sound, order, seed):
    """The same for talk, beeps, pauses of any kind and noise in any order."""
    sounds = {
        "voice": voice,
        "beep": beep().astype(np.int16),
        "quiet": np.zeros(3 * RATE_HZ, np.int16),
        "gap": np.zeros(RATE_HZ, np.int16),
        "hiss": rng_sound(1.0, -35, seed),
    }
    parts = [sounds[name] for name in order]
    sound = np.concatenate([np.zeros(100, np.int16), *parts])
    events, scores, _ = run(model, sound)
    awake_events, awake_scores, _ = run(model, sound, sleep=False)
    assert scores == {at: awake_scores[at] for at in scores}
    let_through = {sample for _, sample in scores}
    assert wakes(events) == [s for s in wakes(awake_events) if s in let_through]


def test_streams_do_not_touch(model, scene):
    """Two pipelines over one model, fed in turns, do what each does alone."""
    other = scene[::-1].copy()
    both = [Pipeline(Settings(), [model], Stamp("test", 0.0)) for _ in range(2)]
    found = [[], []]
    for at in range(0, len(scene), 5_000):
        for k, sound in enumerate((scene, other)):
            found[k] += both[k].feed(sound[at : at + 5_000])
    for k, sound in enumerate((scene, other)):
        assert found[k] + both[k].flush() == run(model, sound)[0]


def test_models_side_by_side(model, scene, beep_bundle):
    """Two models on one front end hear what each hears alone."""
    second = TriggerModel(load_bundle(beep_bundle))
    events, _, _ = run(model, scene, models=[model, second])
    alone = wakes(run(model, scene)[0])
    assert sorted(wakes(events)) == sorted(alone * 2)


def test_models_of_different_front_ends_are_refused(model, beep_bundle):
    """Models that need different features can't share a pipeline, and that is said."""
    bundle = load_bundle(beep_bundle)
    changed = dataclasses.replace(bundle, frontend=FrontEndConfig(bands=20, memory_s=9.0))
    with pytest.raises(BundleFrontEndError, match="front end"):
        Pipeline(Settings(), [model, TriggerModel(changed)], Stamp("test", 0.0))


def test_what_was_said_is_in_the_ring(model, scene, voice):
    """After the beep the talk that follows is told, and its sound can be had whole."""
    events, _, pipeline = run(model, scene[: 12 * RATE_HZ])
    start = next(e for e in events if isinstance(e, SpeechStart))
    end = next(e for e in events if isinstance(e, SpeechEnd))
    assert end.ending == "silence"
    assert end.start_sample == start.sample
    assert abs(end.duration_s - len(voice) / RATE_HZ) < 0.8
    sound = pipeline.audio(end.start_sample, end.sample)
    assert np.array_equal(sound, scene[end.start_sample : end.sample])


def test_numbers_have_no_gaps(model, scene):
    """`seq` counts from 0 without gaps, and times go with samples."""
    events, _, _ = run(model, scene)
    assert [e.seq for e in events] == list(range(len(events)))
    assert all(e.time == pytest.approx(e.sample / RATE_HZ, abs=1e-3) for e in events)


def test_in_digital_silence_nothing_runs(model):
    """A minute of zeros reaches no network at all."""
    _, scores, _ = run(model, np.zeros(60 * RATE_HZ, np.int16))
    assert scores == {}


def test_after_a_break_nothing_old_is_left(model, scene):
    """Sound that broke off in a word and comes back brings no phantom wake; the clock goes on."""
    end = ends_of_beeps(scene)[0]
    pipeline = Pipeline(Settings(), [model], Stamp("test", 0.0))
    before = pipeline.feed(scene[: end - 3_000]) + pipeline.interrupt()
    clock = pipeline.samples
    assert clock % 960 == 0
    after = pipeline.feed(np.zeros(3 * RATE_HZ, np.int16)) + pipeline.feed(scene[:end])
    assert wakes(before) == []
    assert wakes(after) == []
    again = pipeline.feed(scene[end:])
    assert [w - clock - 3 * RATE_HZ for w in wakes(again)] == pytest.approx(
        wakes(run(model, scene)[0]), abs=960
    )


def test_a_break_ends_what_was_being_taken_down(model, scene):
    """Speech that the break cuts off is told as ended, there and then."""
    end = ends_of_beeps(scene)[0]
    pipeline = Pipeline(Settings(), [model], Stamp("test", 0.0))
    pipeline.feed(scene[: end + RATE_HZ])
    (ended,) = [e for e in pipeline.interrupt() if isinstance(e, SpeechEnd)]
    assert ended.ending == "end"
    assert pipeline.interrupt() == []


@pytest.mark.parametrize(("threshold", "blocks", "first"), [(0.67, 2, 1_920), (0.66, 1, 1_440)])
def test_in_quiet_more_is_wanted_at_a_time(scene, threshold, blocks, first):
    """While somebody speaks two blocks at a time, four while nobody does.

    Where two sure steps of three are enough, one block.
    """
    model = TriggerModel(load_bundle("activate"))
    pipeline = Pipeline(Settings(), [model], Stamp("test", 0.0))
    pipeline.set_threshold("activate", threshold)
    block = pipeline.samples_wanted() // 4
    at, wanted = 0, []
    while at < len(scene):
        wanted.append(pipeline.samples_wanted())
        pipeline.feed(scene[at : at + wanted[-1]])
        at += wanted[-1]
        assert wanted[-1] % (block // 2) == 0
        assert wanted[-1] <= 4 * block
    assert wanted.count(blocks * block) > 20
    assert wanted.count(4 * block) > 5
    pipeline.feed(scene[: pipeline.samples_to_block + 7])
    assert pipeline.samples_wanted() % block == block - 7
    assert pipeline.samples_wanted(patient=False) == block - 7
    awake = Pipeline(Settings(gate=GateSettings(sleep=False)), [model], Stamp("test", 0.0))
    awake.set_threshold("activate", threshold)
    assert awake.samples_wanted() == first


@pytest.mark.parametrize("patient", [True, False])
def test_who_waits_for_what_is_wanted_hears_the_word_where_it_ends(patient, rng_sound):
    """At any place of the block the shipped word is told with the step that decides it."""
    shipped = TriggerModel(load_bundle("activate"))
    demo, _ = soundfile.read(PRETRAINED / "demo.flac", dtype="int16")
    word, late = demo[RATE_HZ : 3 * RATE_HZ], []
    for shift in range(0, 960, 160):
        sound = np.r_[rng_sound(2.0 + shift / RATE_HZ, -70), word, rng_sound(1.0, -70)]
        late += lateness(shipped, sound, patient)
        assert wakes(run(shipped, sound)[0]) == [at for at, _ in late[-1:]]
    assert len(late) == 6
    assert {at % 960 for at, _ in late} == {0, 480}
    assert {samples for _, samples in late} == {0}


def lateness(model, sound, patient):
    """Where it woke, and how much had come after that when it said so."""
    pipeline = Pipeline(Settings(), [model], Stamp("test", 0.0))
    at, found = 0, []
    while at < len(sound):
        end = at + pipeline.samples_wanted(patient)
        events = pipeline.feed(sound[at:end])
        found += [(wake, pipeline.samples - wake) for wake in wakes(events)]
        at = end
    return found
