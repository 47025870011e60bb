"""Evaluation: a real little model of a beep, real files, and figures that are known beforehand."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.daemon.events import Stamp, Wake
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import DetectorSettings, Settings
from wakeful.models.bundle import load_bundle, shipped_models
from wakeful.models.errors import WakefulError
from wakeful.models.runtime import TriggerModel, TriggerState
from wakeful.training.evaluate import evaluate
from wakeful.training.evaluate_command import evaluate as command
from wakeful.training.figures import figures, lines
from wakeful.training.hearing import hear
from wakeful.training.material import Request

RATE_HZ = 16_000
KEYS = {"positives", "negative_hours", "points", "at", "latency_ms", "engine", "model"}
POINT = {"threshold", "misses", "miss_rate", "false_accepts", "false_accepts_per_hour"}


def tones(*frequencies_hz: float, level: float = 0.2) -> np.ndarray:
    """One tone after the other, 0.18 s each: 700 and 1100 Hz are the model's word."""
    t = np.arange(int(0.18 * RATE_HZ)) / RATE_HZ
    edges = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    wave = np.concatenate([np.sin(2 * np.pi * hz * t) * edges for hz in frequencies_hz])
    return (wave * level * 32_767).astype(np.int16)


BEEP = tones(700, 1_100)
BEEP_S = len(BEEP) / RATE_HZ


def hiss(seconds: float, seed: int = 0) -> np.ndarray:
    """A room."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=round(seconds * RATE_HZ)) * 30).astype(np.int16)


def with_beeps(seconds: float, starts_s: list[float], seed: int = 0) -> np.ndarray:
    """A room in which it beeps at given times."""
    sound = hiss(seconds, seed)
    for start_s in starts_s:
        at = round(start_s * RATE_HZ)
        sound[at : at + len(BEEP)] += BEEP
    return sound


def write(path: Path, samples: np.ndarray, rate_hz: int = RATE_HZ) -> Path:
    """A file, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate_hz)
    return path


def label(folder: Path, rows: list[tuple[str, object, object]]) -> None:
    """A table as the format says, with a column that is nobody's business."""
    with (folder / "labels.csv").open("w", newline="") as text:
        table = csv.writer(text)
        table.writerow(["file", "speaker", "keyword_start_s", "keyword_end_s"])
        table.writerows((file, "x", start, end) for file, start, end in rows)


@pytest.fixture(scope="module")
def beep(beep_bundle) -> TriggerModel:
    """A network that was trained to fire at the end of a two-tone beep."""
    return TriggerModel(load_bundle(beep_bundle))


class Fickle(TriggerModel):
    """Gives any probability at any step, also on falling asleep and on waking; from its features.

    A trained network is as good as silent where the gate closes: it could not show what goes wrong
    there.
    """

    def step(self, state: TriggerState, frames: np.ndarray) -> np.ndarray:
        """The same for the same frames."""
        strength = np.abs(frames.sum(axis=1, dtype=np.float64)) * 37
        return np.modf(strength)[0][2::3].astype(np.float32)


@pytest.fixture(scope="module")
def fickle(beep_bundle) -> TriggerModel:
    """The same bundle, its network replaced."""
    return Fickle(load_bundle(beep_bundle))


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> Path:
    """Recordings of beeps, one of them without any; and long sound in which it beeps twice."""
    root = tmp_path_factory.mktemp("sound")
    for number in range(4):
        write(root / f"word/one/{number}.wav", with_beeps(1.2, [0.3], number))
    write(root / "word/two/8k.flac", with_beeps(1.2, [0.3], 5)[::2], RATE_HZ // 2)
    write(root / "word/two/none.ogg", hiss(1.2, 6))
    long = with_beeps(12.0, [1.0, 4.0, 9.0], 7)
    write(root / "labelled/long.wav", long)
    spans = [("long.wav", at, at + BEEP_S) for at in (4.0, 1.0)]
    label(root / "labelled", [*spans, ("long.wav", 6.0, 6.4), ("unplaced.wav", 0, 0)])
    write(root / "other/a.wav", hiss(20, 8))
    write(root / "other/b.wav", with_beeps(20, [3.0, 11.0], 9))
    write(root / "noise/n.wav", hiss(3, 10) * 20)
    return root


def ask(folders: Path, beep: TriggerModel, positives: str = "word", **more: Any) -> Request:
    """The request for some of the folders."""
    more.setdefault("negatives", [folders / "other"])
    return Request(str(beep.bundle.path), [folders / positives], **more)


def quiet(done: int, total: int) -> None:
    """No bar."""


def wakes(model: TriggerModel, sound: np.ndarray, threshold: float) -> list[int]:
    """Where the pipeline that ships fires, asked with that threshold."""
    detector = DetectorSettings(threshold=threshold)
    pipeline = Pipeline(Settings(detector=detector), [model], Stamp("test", 0.0))
    events = pipeline.feed(sound) + pipeline.flush()
    return [event.sample for event in events if isinstance(event, Wake)]


@given(
    starts_s=st.lists(st.floats(0, 13), max_size=8),
    seed=st.integers(0, 99),
    thresholds=st.lists(st.floats(0.001, 0.999), min_size=1, max_size=4),
    cut=st.integers(1, 30_000),
)
@settings(max_examples=16)
def test_one_run_answers_for_every_threshold(
    beep: TriggerModel,
    fickle: TriggerModel,
    starts_s: list[float],
    seed: int,
    thresholds: list[float],
    cut: int,
) -> None:
    """The very events of the real pipeline: gate, sleep, waking, refractory time and all."""
    sound = with_beeps(14.0, starts_s, seed)
    for model in (beep, fickle):
        heard = hear(model, [sound[at : at + cut] for at in range(0, len(sound), cut)])
        for threshold in thresholds:
            assert heard.firings(threshold) == wakes(model, sound, threshold)


def test_a_score_of_waking_knows_nothing_of_before(fickle: TriggerModel) -> None:
    """Where the pipeline slept the mean begins from silence, as in a detector that broke off."""
    sound = with_beeps(10.0, [1.0, 7.0], 1)
    heard = hear(fickle, [sound])
    woken = np.flatnonzero(np.diff(heard.awake.astype(int)) == 1) + 1
    assert len(woken)
    assert (heard.scores[woken] <= 1 / 3).all()
    for threshold in np.linspace(0.05, 0.9, 60):
        assert heard.firings(threshold) == wakes(fickle, sound, float(threshold))


@pytest.mark.skipif("activate" not in shipped_models(), reason="activate is not shipped here")
def test_the_shipped_model_fires_where_its_demo_says_at_every_threshold() -> None:
    """Speech with pauses in which the gate closes, over thresholds from near 0 to near 1."""
    model = TriggerModel(load_bundle("activate"))
    sound, _ = soundfile.read(load_bundle("activate").path.with_name("demo.flac"), dtype="int16")
    sound = np.concatenate([sound, hiss(3), sound[: 3 * RATE_HZ]])
    heard = hear(model, [sound])
    assert not heard.awake.all()
    found = {t: heard.firings(t) for t in (0.005, 0.1, 0.3, 0.5, 0.7, 0.8, 0.86, 0.9, 0.95)}
    assert all(fired == wakes(model, sound, threshold) for threshold, fired in found.items())
    assert len({tuple(fired) for fired in found.values()}) > 2


def test_figures_of_known_sound(folders: Path, beep: TriggerModel) -> None:
    """Five beeps of six files heard, at any rate and in any folder; two false accepts in 40 s."""
    found = figures(evaluate(ask(folders, beep), quiet))
    assert set(found) > KEYS
    assert (found["engine"], found["model"], found["positives"]) == ("wakeful", "beep", 6)
    assert found["negative_hours"] == pytest.approx(40 / 3600, abs=1e-4)
    assert all(set(point) == POINT for point in found["points"])
    own = found["threshold"]
    assert (own["misses"], own["false_accepts"]) == (1, 2)
    assert own["false_accepts_per_hour"] == pytest.approx(180)
    assert found["latency_ms"] == {"p50": None, "p95": None}
    assert found["worst_misses"][0]["file"] == "two/none.ogg"
    worst = found["worst_false_accepts"]
    assert sorted(o["at_s"] for o in worst if o["fires"]) == pytest.approx([3.4, 11.4], abs=0.15)
    assert {o["file"] for o in worst if o["fires"]} == {"b.wav"}
    json.dumps(found, allow_nan=False)


def test_labels_say_which_firing_is_a_word(folders: Path, beep: TriggerModel) -> None:
    """Two of three marked words are there; the beep that nobody marked counts as neither."""
    found = figures(evaluate(ask(folders, beep, "labelled"), quiet))
    assert found["positives"] == 3
    assert (found["threshold"]["misses"], found["threshold"]["elsewhere"]) == (1, 1)
    assert found["threshold"]["false_accepts"] == 2
    assert 0 < found["latency_ms"]["p50"] <= found["latency_ms"]["p95"] < 150
    assert found["worst_misses"][0]["at_s"] == 6.0
    assert any(
        "rows of labels that don't say where the word is: 1" in remark
        for remark in found["remarks"]
    )


def test_at_keeps_to_its_limit(folders: Path, beep: TriggerModel) -> None:
    """Of the points that were measured, as they were measured, and never one above its limit."""
    found = figures(evaluate(ask(folders, beep, negatives=[folders / "noise"]), quiet))
    assert list(found["at"]) == ["0.1", "0.2", "0.5", "1", "2"]
    for limit, point in found["at"].items():
        assert point["false_accepts_per_hour"] <= float(limit)
        assert point["misses"] == 1
        assert point in found["points"]


def test_without_negatives_rates_are_null(folders: Path, beep: TriggerModel) -> None:
    """What was not measured is not 0."""
    found = figures(evaluate(ask(folders, beep, negatives=[]), quiet))
    assert set(found["at"].values()) == {None}
    assert {p["false_accepts_per_hour"] for p in found["points"]} == {None}
    assert any("not measured" in remark for remark in found["remarks"])


def test_any_number_of_processes_gives_the_same(folders: Path, beep: TriggerModel) -> None:
    """To the last figure, with noise drawn as well."""
    asked: dict[str, Any] = {"noise": [folders / "noise"], "snr_db": 6.0}
    one, two = (figures(evaluate(ask(folders, beep, processes=n, **asked), quiet)) for n in (1, 2))
    assert one == two


def test_noise_lies_under_the_word(folders: Path, beep: TriggerModel) -> None:
    """Loud it drowns the word, far below it changes nothing; another seed is other noise."""

    def misses(snr_db: float, seed: int = 1) -> tuple[int, list[float]]:
        found = evaluate(
            ask(folders, beep, noise=[folders / "noise"], snr_db=snr_db, seed=seed), quiet
        )
        return found.own.misses, [word.score for word in found.words]

    assert misses(60.0)[0] == 1
    assert misses(-40.0)[0] > 1
    assert misses(6.0, seed=1) == misses(6.0, seed=1) != misses(6.0, seed=2)


def test_the_worst_can_be_heard_again(folders: Path, beep: TriggerModel) -> None:
    """The sound that a page holds is the very sound that fired, or didn't."""
    found = evaluate(ask(folders, beep), quiet)
    fired = next(o for o in found.offences if o.fires and o.at_s < 5)
    sound = found.sound_of(fired)
    assert len(sound) == fired.excerpt.last - fired.excerpt.first
    heard = np.abs(sound.astype(int)).max()
    assert heard > 5_000
    missed = found.sound_of(found.missed()[0])
    assert np.abs(missed.astype(int)).max() < 500


def test_negatives_that_hold_the_word_are_left_out(folders: Path, beep, tmp_path: Path) -> None:
    """By their transcripts, when asked to; what nobody wrote down is counted."""
    for name, sound in (("yes", with_beeps(5, [1.0])), ("no", hiss(5)), ("untold", hiss(5, 3))):
        write(tmp_path / f"{name}.wav", sound)
    (tmp_path / "yes.txt").write_text("Now: BEEP's turn!")
    (tmp_path / "no.txt").write_text("It beeped.")
    request = ask(folders, beep, negatives=[tmp_path], transcripts=True)
    found = figures(evaluate(request, quiet))
    assert [Path(name).name for name in found["left_out"]] == ["yes.wav"]
    assert found["threshold"]["false_accepts"] == 0
    assert any("negatives without a transcript: 1" in remark for remark in found["remarks"])


def test_a_person_reads_a_table(folders: Path, beep: TriggerModel) -> None:
    """Every limit, the model's own threshold, the worst by name, and what not to believe."""
    told = "\n".join(lines(evaluate(ask(folders, beep, "labelled"), quiet)))
    for expected in (
        "at  0.1 an hour",
        "the model's own",
        "2 = 180.00 an hour",
        "long.wav  6.00",
        "b.wav",
        "note: only 40 s of negatives",
        "beside the words of the recordings: 1",
    ):
        assert expected in told


def refused(*arguments: object) -> str:
    """The one line with which a command ends."""
    done = CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False)
    assert isinstance(done.exception, Exception)
    format_message = getattr(done.exception, "format_message", None)
    line = format_message() if format_message else str(done.exception)
    assert isinstance(done.exception, WakefulError) or format_message, repr(done.exception)
    assert "\n" not in line
    return str(line)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nobody", "--positives", "word"], "not shipped"),
        (["BEEP", "--positives", "nowhere"], "no such folder"),
        (["BEEP", "--positives", "empty"], "holds no .flac"),
        (["BEEP", "--positives", "word", "--snr-db", "10"], "--noise"),
        (["BEEP", "--positives", "word", "--noise", "empty"], "holds no .flac"),
        (["BEEP", "--positives", "word", "--noise", "silent"], "nothing sounds"),
        (["BEEP", "--positives", "word", "--snr-db", "loud"], "loud"),
        (["BEEP", "--positives", "word", "--processes", "0"], "processes"),
        (["BEEP", "--positives", "corrupt"], "broken.wav"),
        (["BEEP", "--positives", "word", "--negatives", "corrupt"], "broken.wav"),
        (["BEEP", "--positives", "word", "--html", "nowhere/a.html"], "no folder"),
        (["BEEP", "--positives", "word", "--png", "word"], "is a folder"),
        (["COMMANDS", "--positives", "word"], "commands model, not trigger"),
        (["BEEP", "--positives", "word", "--negatives", "word"], "positives and the negatives"),
        (["BEEP"], "--positives"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], expected: str, folders: Path, beep_bundle: Path, tmp_path, monkeypatch
) -> None:
    """What is wrong and where; nothing was measured."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "word").symlink_to(folders / "word")
    write(tmp_path / "silent/s.wav", np.zeros(RATE_HZ, np.int16))
    (tmp_path / "corrupt").mkdir()
    (tmp_path / "corrupt/broken.wav").write_bytes(b"RIFF____WAVEnothing")
    manifest = json.loads(beep_bundle.read_text()) | {"kind": "commands"}
    (tmp_path / "commands.json").write_text(json.dumps(manifest))
    (tmp_path / "commands.tflite").write_bytes(beep_bundle.with_suffix(".tflite").read_bytes())
    monkeypatch.chdir(tmp_path)
    models = {"BEEP": str(beep_bundle), "COMMANDS": "./commands.json"}
    assert expected in refused("--processes", 1, *(models.get(a, a) for a in arguments))


def test_json_is_one_object(folders: Path, beep: TriggerModel) -> None:
    """And nothing else on standard output."""
    given_words = ["--positives", str(folders / "word"), "--processes", "1", "--json"]
    done = CliRunner().invoke(command, [str(beep.bundle.path), *given_words])
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.stdout)) > KEYS
