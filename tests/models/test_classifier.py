"""The runtime of a command bundle: any length of sound, calibrated, from a checked bundle."""

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wakeful.models.bundle import (
    BundleFormatError,
    BundleMissingError,
    BundleShapeError,
    ClipSettings,
    Kind,
    Manifest,
    load_bundle,
    save_bundle,
    shipped_models,
)
from wakeful.models.classifier import (
    Classifier,
    active_span,
    calibrated,
    load_classifier,
    starts,
)
from wakeful.models.frontend import FrontEndConfig
from wakeful.models.labels import SILENCE, UNKNOWN

pytestmark = pytest.mark.tensorflow
commands = pytest.importorskip("wakeful.models.commands", reason="needs the train extra")
clip_step = pytest.importorskip("wakeful.models.clip_step", reason="needs the train extra")
ear = pytest.importorskip("wakeful.models.ear", reason="needs the train extra")

LABELS = [SILENCE, UNKNOWN, "yes", "no"]
FRAMES = 102
SMALL = ear.EarSize(channels=(4, 8), blocks=1, width=12, rows=1, reach=3)


@pytest.fixture(scope="module")
def network():
    """A small network of the shipped one's make, with drawn weights."""
    commands.keras.utils.set_random_seed(4)
    return commands.commands_default(len(LABELS), SMALL)


@pytest.fixture(scope="module")
def step(network):
    """The network as one call with 8-bit weights."""
    return clip_step.convert_clip(network, FRAMES)


@pytest.fixture(scope="module")
def folder(step, tmp_path_factory):
    """Its bundle, as `small.json` and `small.tflite`."""
    folder = tmp_path_factory.mktemp("bundle")
    save_bundle(folder / "small", manifest(), step)
    return folder


def manifest(**changes):
    """Of a bundle that hears a second."""
    values: dict[str, Any] = {
        "kind": "commands",
        "labels": LABELS,
        "frontend": FrontEndConfig().to_dict(),
        "frames_per_call": 6,
        "stride": ear.STRIDE,
        "states": {},
        "weights": "int8",
        "clip": ClipSettings(frames=FRAMES),
    }
    return Manifest(**values | changes)


def noise(length, seed=1, level=0.1):
    """So many samples of white noise."""
    return (level * np.random.default_rng(seed).standard_normal(length)).astype(np.float32)


@pytest.mark.parametrize(("weights", "apart"), [("float32", 1e-5), ("int8", 0.1)])
def test_one_call_says_what_the_network_says(network, weights, apart, tmp_path):
    """The scores of the exported call are Keras's, with 8-bit weights nearly."""
    save_bundle(tmp_path / "m", manifest(), clip_step.convert_clip(network, FRAMES, weights))
    heard = Classifier(load_bundle(tmp_path / "m"))._network
    frames = np.random.default_rng(0).standard_normal((1, FRAMES, 40)).astype(np.float32)
    np.testing.assert_allclose(heard(frames), network(frames).numpy(), atol=apart)


@settings(max_examples=25, deadline=None)
@given(length=st.integers(0, 60_000), seed=st.integers(0, 3))
def test_sound_of_any_length_is_ranked(folder, length, seed):
    """From nothing to seconds: every label once, best first, one in all, the same each time."""
    classifier = load_classifier(folder / "small.json")
    ranked = classifier.hear(noise(length, seed))
    assert sorted(r.label for r in ranked) == sorted(LABELS)
    confidences = [r.confidence for r in ranked]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0)
    assert classifier.hear(noise(length, seed)) == ranked


@pytest.mark.parametrize("length", [0, 1, 159, 16_000, 100_000])
def test_digital_silence_is_silence(folder, length):
    """Where nothing sounds at all, the answer is silence, and sure."""
    best = load_classifier(folder / "small.json").hear(np.zeros(length, np.float32))[0]
    assert (best.label, best.confidence) == (SILENCE, 1.0)


@given(length=st.integers(0, 80_000), at=st.integers(0, 79_999), long=st.integers(1, 40_000))
@example(length=19_680, at=0, long=19_521)
@example(length=21_119, at=0, long=21_119)
def test_every_look_is_at_what_sounds(length, at, long):
    """Looks are a tenth of a second apart; together they hold all that sounds."""
    sound = np.zeros(length, np.float32)
    sound[at : at + long] = noise(length)[at : at + long]
    looks = starts(sound, 16_320)
    assert np.all(np.diff(looks) == 1_600)
    first, last = active_span(sound)
    if np.any(sound) and last - first <= 80_000:
        assert looks[0] <= first
        assert looks[-1] + 16_320 + 1_600 >= last


def test_an_hour_of_sound_takes_no_hour():
    """Of very long sound some seconds are listened to."""
    assert len(starts(noise(16_000 * 60), 16_320)) <= 100


def test_where_the_word_lies_makes_no_difference(folder):
    """A word in three seconds of near silence is heard as it is alone."""
    classifier, word = load_classifier(folder / "small.json"), noise(9_600, level=0.2)
    faint = noise(48_000, seed=2, level=1e-4)
    early, late = faint.copy(), faint.copy()
    early[3_200:12_800] += word
    late[32_000:41_600] += word
    found = [classifier.probabilities(sound) for sound in (early, late)]
    np.testing.assert_allclose(found[0], found[1], atol=0.05)


@given(
    temperature=st.floats(0.2, 5),
    offset=st.floats(-5, 5),
    scores=st.lists(st.floats(-20, 20), min_size=3, max_size=3),
)
def test_calibration_keeps_probabilities_probabilities(temperature, offset, scores):
    """They sum to one; a label's offset raises it and no other."""
    plain = calibrated(np.array(scores, np.float32), temperature, np.zeros(3))
    moved = calibrated(np.array(scores, np.float32), temperature, np.array([offset, 0, 0]))
    assert plain.sum() == pytest.approx(1)
    assert moved.sum() == pytest.approx(1)
    assert (moved[0] - plain[0]) * offset >= -1e-12


def test_the_manifests_calibration_is_used(step, tmp_path):
    """An offset in the manifest decides between labels, a high temperature makes unsure."""
    clip = ClipSettings(frames=FRAMES, offsets={"no": 50.0})
    save_bundle(tmp_path / "no", manifest(clip=clip), step)
    assert load_classifier(tmp_path / "no.json").hear(noise(16_000))[0].label == "no"
    save_bundle(tmp_path / "hot", manifest(clip=ClipSettings(frames=FRAMES, temperature=1e6)), step)
    ranked = load_classifier(tmp_path / "hot.json").hear(noise(16_000))
    assert ranked[0].confidence == pytest.approx(0.25, abs=1e-3)


def test_what_is_no_command_model_is_refused(step, tmp_path):
    """Another kind, a network of another shape and a missing file are each named."""
    save_bundle(tmp_path / "trigger", manifest(kind="trigger", clip=None), step)
    with pytest.raises(BundleFormatError, match="is a trigger model"):
        load_classifier(tmp_path / "trigger.json")
    save_bundle(tmp_path / "longer", manifest(clip=ClipSettings(frames=108)), step)
    with pytest.raises(BundleShapeError, match=r"'frames' is \[1, 102, 40\]"):
        load_classifier(tmp_path / "longer.json")
    save_bundle(tmp_path / "more", manifest(labels=[*LABELS, "up"]), step)
    with pytest.raises(BundleShapeError, match="'scores'"):
        load_classifier(tmp_path / "more.json")
    with pytest.raises(BundleMissingError):
        load_classifier(tmp_path / "nowhere.json")


def test_what_gives_an_answer_a_step_is_not_exported():
    """A clip has one answer; the error says what the network gives instead."""
    with pytest.raises(clip_step.StreamingError, match=r"taught-ear: gives \[None, None, 5\]"):
        clip_step.convert_clip(ear.taught(5, SMALL), FRAMES)
    with pytest.raises(clip_step.StreamingError, match="int4"):
        clip_step.convert_clip(commands.commands_default(4, SMALL), FRAMES, "int4")


def test_shipped_models_are_told_by_kind():
    """Of each kind those that came with the package; all together are all of them."""
    assert "commands-default" in shipped_models("commands")
    assert "activate" in shipped_models("trigger")
    kinds = get_args(Kind)
    assert sorted(name for kind in kinds for name in shipped_models(kind)) == shipped_models()
