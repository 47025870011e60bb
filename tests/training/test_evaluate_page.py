"""The page of an evaluation: whole, self-contained, and showing what was measured."""

import io
import itertools
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from parsed_page import Parsed, decoded
from wakeful.models.bundle import load_bundle
from wakeful.training.curve import corners, draw_curve, least_per_hour
from wakeful.training.drawing import PictureError
from wakeful.training.evaluate import Evaluation, evaluate
from wakeful.training.evaluate_page import evaluation_page
from wakeful.training.histogram import Series, counts, histogram
from wakeful.training.matching import Counted
from wakeful.training.material import Request

RATE_HZ = 16_000
HEAD = "file,keyword_start_s,keyword_end_s\n"


@pytest.fixture(scope="module")
def found(tmp_path_factory, beep_bundle: Path) -> Evaluation:
    """A beep that is there, one that isn't, and one where none should be."""
    root = tmp_path_factory.mktemp("page")
    t = np.arange(int(0.18 * RATE_HZ)) / RATE_HZ
    edges = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    tones = [np.sin(2 * np.pi * hz * t) * edges for hz in (700, 1_100)]
    beep = (np.concatenate(tones) * 6_000).astype(np.int16)
    sound = (np.random.default_rng(1).normal(size=4 * RATE_HZ) * 30).astype(np.int16)
    empty = sound.copy()
    sound[RATE_HZ : RATE_HZ + len(beep)] += beep
    for name, samples in (("w/<b>it.wav", sound), ("w/gone.wav", empty), ("n/n.wav", sound)):
        (root / name).parent.mkdir(exist_ok=True)
        soundfile.write(root / name, samples, RATE_HZ)
    (root / "w/labels.csv").write_text(HEAD + "<b>it.wav,1.0,1.36\ngone.wav,1.0,1.4\n")
    request = Request(str(beep_bundle), [root / "w"], [root / "n"])
    return evaluate(request, lambda done, total: None)


def test_a_page_is_whole_and_loads_nothing(found: Evaluation) -> None:
    """What others named is shown and never obeyed; every address holds what it shows."""
    parsed = Parsed(evaluation_page(found))
    assert not parsed.all("b")
    addresses = [a[key] for n, a in parsed.found for key in ("src", "href") if key in a]
    assert addresses
    assert all(str(address).startswith(("data:", "#")) for address in addresses)
    for expected in ("gone.wav at 1.00 s", "n.wav at", "the model's own", "95 % interval"):
        assert expected in parsed.text


def test_a_page_plays_the_very_sound(found: Evaluation) -> None:
    """A missed word and a false accept, each with a player, a score and a threshold."""
    parsed = Parsed(evaluation_page(found))
    sounds = [
        soundfile.read(io.BytesIO(decoded(str(a["src"]))), dtype="int16")[0]
        for a in parsed.all("audio")
    ]
    (missed,) = found.missed()
    fired = [o for o in found.offences if o.fires]
    assert len(fired) == 1
    expected = [found.sound_of(missed), *map(found.sound_of, found.offences)]
    assert [s.tolist() for s in sounds] == [s.tolist() for s in expected]
    lines = [a for a in parsed.all("line") if a.get("class") == "asked"]
    assert [a["y1"] for a in lines] == [f"{100 * (1 - found.own.threshold):.1f}"] * len(expected)


def test_a_score_breaks_off_where_the_gate_was_closed(found: Evaluation) -> None:
    """Asleep at the end of the hiss in which no beep was, awake throughout the false accept."""
    (missed,) = found.missed()
    asleep = np.isnan(missed.excerpt.scores)
    assert asleep[-30:].all()
    assert not asleep.all()
    scores = next(o for o in found.offences if o.fires).excerpt.scores
    assert not np.isnan(scores).any()
    assert scores.max() >= found.own.threshold
    drawn = [
        a["d"] for a in Parsed(evaluation_page(found)).all("path") if a.get("class") == "score"
    ]
    last = [float(d.rsplit("L", 1)[-1].split()[0]) for d in drawn]
    assert last[0] < 700
    assert last[1:] == [1_000.0] * len(found.offences)


def test_the_roc_curve_counts_every_second_without_a_word(found: Evaluation) -> None:
    """From nothing found to all: its area is what the scores give, counted in pairs."""
    page = Parsed(evaluation_page(found))
    seconds = int(3_600 * found.hours)
    assert seconds >= 4
    others = [*found.peaks, *[0.0] * (seconds - len(found.peaks))]
    pairs = [(w.score > o) + 0.5 * (w.score == o) for w in found.words for o in others]
    assert f"(area {np.mean(pairs):.4f})" in page.text
    assert f"of {seconds}, in which it fires" in page.text


def test_without_negatives_there_is_no_curve(found: Evaluation) -> None:
    """Nor anything else that was not measured."""
    points = [replace(p, false_accepts_per_hour=math.nan, false_accepts=0) for p in found.points]
    page = Parsed(evaluation_page(replace(found, points=points, hours=0.0, offences=[], peaks=[])))
    assert not [a for a in page.all("svg") if a.get("class") == "det"]
    assert "not measured" in page.text


def test_the_curve_falls_from_rare_to_frequent() -> None:
    """From the highest threshold to the lowest, equal points once, "never" at the left."""
    rows = ((0.2, 1, 8.0), (0.5, 3, 2.0), (0.6, 3, 2.0), (0.9, 7, 0.0))
    points = [Counted(t, m / 10, r, m, int(r)) for t, m, r in rows]
    assert corners(points, 0.25) == [(0.25, 0.7), (2.0, 0.3), (8.0, 0.1)]
    assert least_per_hour(2.0) == 0.25


def test_a_histogram_counts_everything_once() -> None:
    """What lies beyond the edges is in the last bars."""
    edges = np.linspace(0, 1, 5)
    assert counts([-3, 0.0, 0.3, 0.5, 0.99, 1.0, 9], edges).tolist() == [2, 1, 1, 3]
    drawn = Parsed(histogram([Series("a", [0.1, 0.1, 0.9]), Series("none", [])], edges, ""))
    heights = sorted(float(str(a["height"])) for a in drawn.all("rect"))
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert "a (3)" in drawn.text


def test_an_axis_is_told_in_plain_numbers() -> None:
    """A thousand milliseconds at the right end, and the unit once."""
    drawn = Parsed(histogram([Series("a", [1.0])], np.arange(-500.0, 1_001.0, 50.0), " ms"))
    told = [a.get("text-anchor") for a in drawn.all("text")]
    assert (told[0], told[-1]) == ("start", "end")
    assert "1000 ms" in drawn.text
    assert drawn.text.count("ms") == 1


def test_a_picture_is_a_png_in_its_place(found: Evaluation, tmp_path: Path) -> None:
    """Whole or not at all."""
    pytest.importorskip("matplotlib")
    draw_curve(tmp_path / "c.png", found)
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(PictureError, match="can't be written"):
        draw_curve(tmp_path / "nowhere/c.png", found)
    assert [p.name for p in tmp_path.iterdir()] == ["c.png"]


def test_measuring_needs_nothing_that_trains(beep_bundle: Path, tmp_path: Path) -> None:
    """A page and JSON come from what a plain `pip install` brings."""
    soundfile.write(tmp_path / "a.wav", np.zeros(RATE_HZ, np.int16), RATE_HZ)
    arguments = ["evaluate", str(load_bundle(beep_bundle).path), "--positives", str(tmp_path)]
    arguments += ["--json", "--html", str(tmp_path / "a.html"), "--processes", "1"]
    program = (
        "import sys\n"
        "from wakeful.daemon.cli import main\n"
        f"sys.argv[1:] = {arguments!r}\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'tensorflow', 'keras', 'scipy', 'matplotlib', 'onnxruntime', 'pyworld'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.html").is_file()


def test_points_fall_and_rise_as_they_should(found: Evaluation) -> None:
    """A word a file is heard less and less as the threshold rises."""
    misses = [p.misses for p in found.points]
    assert all(a <= b for a, b in itertools.pairwise(misses))
