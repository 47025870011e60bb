"""`wakeful chime IN OUT`: the chime over each activation, and nothing else changed."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from wakeful.daemon import chime_command, chime_overlay
from wakeful.daemon.chime_overlay import OverlayError, activations, overlay
from wakeful.daemon.chime_sounds import load_chime
from wakeful.daemon.files import FileError
from wakeful.daemon.opening import open_models
from wakeful.daemon.settings import Settings

CHIME = load_chime("wake", "", -12.0, 48_000)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder to be in, and no configuration of the user's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("WAKEFUL_CONFIG", raising=False)
    return tmp_path


def scene(rate, pauses_s):
    """The test model's word after each pause, and a second of silence."""
    t = np.arange(int(0.18 * rate)) / rate
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    word = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]) * 0.3
    parts = [part for pause_s in pauses_s for part in (np.zeros(round(pause_s * rate)), word)]
    return np.concatenate([*parts, np.zeros(rate)])


def invoke(*arguments):
    """The command, its errors raised as they are."""
    return CliRunner().invoke(
        chime_command.chime, list(map(str, arguments)), catch_exceptions=False
    )


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (48_000, 4)])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_the_chime_lies_after_the_word(beep_bundle, rate, channels, subtype):
    """Rate, channels, format and length are kept; all else is the input to the bit."""
    mono = scene(rate, [1.5, 3.0])
    sound = np.stack([mono * (1 + c) / channels for c in range(channels)], axis=1)
    soundfile.write("in.wav", sound, rate, subtype=subtype)
    done = invoke("in.wav", "out.wav", "--model", beep_bundle)
    assert done.stdout.startswith("out.wav: 2 chimes, at 1.")
    about = soundfile.info("out.wav")
    assert (about.samplerate, about.channels, about.subtype) == (rate, channels, subtype)
    before, _ = soundfile.read("in.wav", always_2d=True)
    after, _ = soundfile.read("out.wav", always_2d=True)
    assert before.shape == after.shape
    added = after - before
    chime = CHIME.at(rate)
    found = np.flatnonzero(np.abs(added).max(axis=1) > 1e-3)
    # 1.86 s and 5.22 s are where the words end; the model is sure a little sooner or later.
    assert 1.7 < found[0] / rate < 2.2
    assert 5.0 < found[-1] / rate - len(chime) / rate + 0.1 < 5.7
    starts = [
        round(at * rate)
        for at in json.loads(invoke("in.wav", "x.wav", "-m", beep_bundle, "--json").stdout)[
            "chimes_s"
        ]
    ]
    expected = np.zeros(len(added))
    for start in starts:
        expected[start : start + len(chime)] += chime
    offs = [np.abs(added[:, c] - expected).max() for c in range(channels)]
    assert max(offs) < 0.01
    silent = np.ones(len(added), bool)
    for start in starts:
        silent[start - 2 : start + len(chime) + 2] = False
    assert (added[silent] == 0).all()


def test_at_most_one_in_75_steps(beep_bundle):
    """Words that come sooner than 75 steps (2.25 s) after a chime are left without one."""
    soundfile.write("in.wav", scene(16_000, [1.0, 0.3, 0.3, 0.3, 0.3, 3.0]), 16_000)
    models = open_models([str(beep_bundle)])
    step = 480
    found = activations("in.wav", models, Settings())
    assert len(found) == 3
    assert (np.diff(found) > chime_overlay.REFRACTORY_STEPS * step).all()


def test_loud_sums_are_saturated_not_wrapped():
    """A chime over full scale stays there: no sample changes its sign."""
    loud = np.full(48_000, 32_767, np.int16)
    loud[24_000:] = -32_768
    soundfile.write("in.wav", loud, 48_000)
    overlay("in.wav", Path("out.wav"), load_chime("wake", "", 0.0, 48_000), [2_000])
    after, _ = soundfile.read("out.wav", dtype="int16")
    chimed = after[6_000 : 6_000 + 17_000]
    assert chimed.max() == 32_767
    assert (after[:6_000] == 32_767).all()
    assert (after[-1_000:] == -32_768).all()
    assert chimed[:17_000].min() >= -1
    assert chimed.min() < 30_000, "the chime is heard all the same"


def test_a_recording_without_the_word_is_copied(beep_bundle, voice):
    """No chime: every sample as it was, and that is said."""
    soundfile.write("in.flac", voice, 16_000)
    assert invoke("in.flac", "out.flac", "-m", beep_bundle).stdout == "out.flac: 0 chimes\n"
    after, rate = soundfile.read("out.flac", dtype="int16")
    assert rate == 16_000
    assert (after == voice).all()


def test_over_itself(beep_bundle):
    """The output may be the input."""
    soundfile.write("in.wav", scene(16_000, [1.0]), 16_000)
    before, _ = soundfile.read("in.wav")
    invoke("in.wav", "in.wav", "-m", beep_bundle)
    after, _ = soundfile.read("in.wav")
    assert len(after) == len(before)
    assert np.abs(after - before).max() > 0.1


def test_what_can_not_be_done(here, beep_bundle, voice):
    """No such file, no such folder, no such kind: one line each, and nothing is left behind."""
    soundfile.write("in.wav", voice, 16_000)
    with pytest.raises(FileError, match="No such file"):
        invoke("gone.wav", "out.wav", "-m", beep_bundle)
    with pytest.raises(OverlayError, match=r"^nowhere/out\.wav: No such file"):
        invoke("in.wav", "nowhere/out.wav", "-m", beep_bundle)
    with pytest.raises(OverlayError, match=r"out\.xyz: name it \.wav"):
        invoke("in.wav", "out.xyz", "-m", beep_bundle)
    assert [path.name for path in here.iterdir()] == ["in.wav"]


def test_what_fails_in_the_middle_leaves_the_old_file(here, monkeypatch, voice):
    """A disk that is full: what was there before is there still."""
    soundfile.write("in.wav", voice, 16_000)
    (here / "out.wav").write_bytes(b"an older one")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(chime_overlay, "_copy", full)
    with pytest.raises(OverlayError, match="No space left"):
        overlay("in.wav", here / "out.wav", CHIME, [])
    assert (here / "out.wav").read_bytes() == b"an older one"
    assert sorted(path.name for path in here.iterdir()) == ["in.wav", "out.wav"]
