"""`wakeful plot`: the pipeline's own events and probabilities, as a picture beside you."""

import importlib.util

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from wakeful.daemon import plot, plot_command
from wakeful.daemon.events import Wake
from wakeful.daemon.files import FileError
from wakeful.models.errors import UsageError

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="needs the plot extra"
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to be in, and no configuration of the user's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("WAKEFUL_CONFIG", raising=False)
    return tmp_path


@pytest.fixture
def scene(here):
    """A recording of two seconds of silence, a beep, and a second of silence, at 44.1 kHz."""
    t = np.arange(int(0.18 * 44_100)) / 44_100
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    word = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)]) * 0.3
    folder = here / "recordings"
    folder.mkdir()
    soundfile.write(folder / "scene.wav", np.r_[np.zeros(88_200), word, np.zeros(44_100)], 44_100)
    return folder / "scene.wav"


@pytest.fixture
def drawn(monkeypatch):
    """What is given to `draw`, which draws it all the same."""
    given = []
    real = plot.draw

    def draw(*arguments, **options):
        given.append(arguments)
        real(*arguments, **options)

    monkeypatch.setattr(plot, "draw", draw)
    return given


def invoke(*arguments):
    """The command, its errors raised as they are."""
    return CliRunner().invoke(plot_command.plot, list(map(str, arguments)), catch_exceptions=False)


def test_a_picture_in_this_folder(here, scene, beep_bundle, drawn):
    """Named after the recording, in the current folder, its path printed; the word fired in it."""
    done = invoke(scene, "--model", beep_bundle)
    assert done.stdout == "scene.png\n"
    assert (here / "scene.png").read_bytes().startswith(b"\x89PNG")
    _, samples, curves, events, title, thresholds = drawn[0]
    assert (title, len(samples)) == ("scene.wav", 53_760)
    (wake,) = (e for e in events if isinstance(e, Wake))
    name, at, probabilities = curves[0]
    assert name == "beep"
    assert set(thresholds) == {"beep"}
    assert (np.diff(at) > 0).all()
    # The network did not sleep: silence has its probabilities as well, all of them low.
    assert at[0] < 16_000
    assert probabilities[at < 32_000].max() < thresholds["beep"]
    assert probabilities[np.abs(at - wake.sample) < 4_800].max() > thresholds["beep"]


def test_another_name_another_threshold_dark_and_linear(here, scene, beep_bundle, drawn):
    """The picture's path is told by --out, the threshold by the configuration."""
    (here / "c.toml").write_text("[detector]\nthreshold = 0.9\n")
    options = ("--config", "c.toml", "--linear", "--dark", "--out", "x/y.png")
    (here / "x").mkdir()
    (here / "x" / "y.png").write_text("an older picture")
    done = invoke(scene, "-m", beep_bundle, *options)
    assert done.stdout == "x/y.png\n"
    assert (here / "x" / "y.png").read_bytes().startswith(b"\x89PNG")
    assert drawn[0][-1] == {"beep": 0.9}


def test_only_as_much_as_a_picture_shows(scene, beep_bundle, drawn, monkeypatch):
    """A very long recording is cut, and that is said."""
    monkeypatch.setattr(plot_command, "_LONGEST_S", 2)
    done = invoke(scene, "-m", beep_bundle)
    assert "only the first 2 s" in done.stderr
    assert len(drawn[0][1]) == 32_000


def test_just_as_much_as_a_picture_shows_is_not_cut(scene, beep_bundle, monkeypatch):
    """Nothing is said where nothing is left out."""
    soundfile.write(scene, np.zeros(32_000), 16_000)
    monkeypatch.setattr(plot_command, "_LONGEST_S", 2)
    assert invoke(scene, "-m", beep_bundle).stderr == ""


@pytest.mark.parametrize("name", ["mic", "-"])
def test_it_draws_files_alone(here, beep_bundle, name):
    """What is a microphone or standard input to `listen` is a file's name here."""
    with pytest.raises(FileError, match="No such file"):
        invoke(name, "-m", beep_bundle)
    assert not list(here.glob("*.png"))


def test_one_model_twice_is_refused(scene, beep_bundle):
    """Their curves could not be told apart."""
    with pytest.raises(UsageError, match="2 times"):
        invoke(scene, "-m", beep_bundle, "-m", beep_bundle)
