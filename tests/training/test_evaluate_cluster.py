"""An evaluation and a folder of clips by a real cluster: to the bit what one process makes."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from cluster_jobs import cluster
from wakeful.models.bundle import PRETRAINED
from wakeful.synth.clips import MANIFEST, Order, make_clips
from wakeful.synth.phrases import texts_for
from wakeful.training.evaluate import evaluate
from wakeful.training.evaluate_command import evaluate as command
from wakeful.training.figures import figures
from wakeful.training.material import Request

pytest.importorskip("distributed")

# Its own event loop is closed by whoever started it; at exit some of its sockets are not.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A scheduler and two workers."""
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as running:
        yield running


@pytest.fixture(scope="module")
def folders(tmp_path_factory, voice):
    """The demo as a recording of its word, and two streams of talk."""
    root = tmp_path_factory.mktemp("sound")
    demo, rate_hz = soundfile.read(PRETRAINED / "demo.flac", dtype="int16")
    (root / "word").mkdir()
    soundfile.write(root / "word" / "a.wav", demo[: 5 * rate_hz], rate_hz)
    (root / "talk").mkdir()
    for number in range(2):
        talk = np.tile(voice, 310)[number:]
        soundfile.write(root / "talk" / f"{number}.flac", talk, rate_hz)
    return root


def quiet(done, total):
    """No bar."""


def test_a_cluster_finds_what_one_process_finds(two, folders):
    """Every figure is the same; folders may be named from here, as always."""
    request = Request("activate", [folders / "word"], [folders / "talk"])
    alone = evaluate(request, quiet)
    shared = evaluate(replace(request, scheduler=two.address), quiet)
    assert figures(shared) == figures(alone)


def test_the_command_names_folders_from_the_root(two, folders, monkeypatch):
    """Workers stand elsewhere: what is relative here is found there too."""
    monkeypatch.chdir(folders)
    flags = ["--positives", "word", "--negatives", "talk", "--scheduler", two.address]
    done = CliRunner().invoke(command, ["activate", *flags])
    assert done.exit_code == 0, done.output


@pytest.mark.skipif(not shutil.which("flite"), reason="apt install flite")
def test_a_cluster_makes_the_clips_that_one_process_makes(two, tmp_path):
    """The same bytes under the same names, and each is listed."""
    texts = texts_for("activate", ["The sun is up."])
    order = Order(texts, {"positive": 5, "hard": 2, "sentence": 1}, ("flite",), 1)
    make_clips(order, tmp_path / "here", 1)
    made = make_clips(order, tmp_path / "there", 1, scheduler=two.address)
    assert made.clips["positive"] > 0
    for kind in ("positive", "hard", "sentence"):
        here, there = (tmp_path / place / kind for place in ("here", "there"))
        names = sorted(p.name for p in here.glob("*.flac"))
        assert names == sorted(p.name for p in there.glob("*.flac"))
        assert all((here / n).read_bytes() == (there / n).read_bytes() for n in names)
        rows = [sorted((p / MANIFEST).read_text().splitlines()) for p in (here, there)]
        assert rows[0] == rows[1]
