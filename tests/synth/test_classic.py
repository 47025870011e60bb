"""The classic composition: its published checks, what may never happen, and its command."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from wakeful.models.errors import UsageError
from wakeful.synth import classic_files
from wakeful.synth.classic import (
    ClassicMixture,
    Insertion,
    compose_classic,
    draw_classic,
    draw_segment,
    features,
    overlaps,
)
from wakeful.synth.classic_files import MANIFEST, Made, Order, make_classics
from wakeful.synth.classic_labels import STEPS, classic_labels
from wakeful.synth.classic_stock import KINDS, LENGTH, ClassicError, Stock, read_stock
from wakeful.synth.levels import Samples, gain, rms_dbfs, to_float, to_int16
from wakeful.synth.synth_command import synth

RATE = 44_100


def quiet(done: int, total: int) -> None:
    """No progress."""


def tone(length_ms: int, dbfs: float, rate_hz: int = RATE, hz: float = 440.0) -> np.ndarray:
    """A sine of whole milliseconds at a level."""
    at_s = np.arange(length_ms * rate_hz // 1_000) / rate_hz
    return np.sqrt(2) * gain(dbfs) * np.sin(2 * np.pi * hz * at_s)


def hiss(length_ms: int, dbfs: float, rate_hz: int = RATE, seed: int = 0) -> np.ndarray:
    """White noise at a level."""
    noise = np.random.default_rng(seed).standard_normal(length_ms * rate_hz // 1_000)
    return gain(dbfs) * noise


@dataclass(frozen=True)
class Held(Stock):
    """Recordings that no file holds."""

    sounds: Mapping[str, Samples] = field(default_factory=dict)

    def clip(self, name: str) -> Samples:
        """As it was given."""
        return self.sounds[name]

    def background(self, name: str, offset_ms: int) -> Samples:
        """Ten seconds of it."""
        start = offset_ms * RATE // 1_000
        return self.sounds[name][start : start + LENGTH]


def held(
    activates: Mapping[str, int], negatives: Mapping[str, int], background: Samples | None = None
) -> Held:
    """Tones of so many milliseconds; ten seconds of silence where no background is given."""
    words = {name: to_int16(tone(ms, -15)) for name, ms in (activates | negatives).items()}
    sounds = {**words, "still": np.zeros(LENGTH, np.int16) if background is None else background}
    return Held(Path(), activates, negatives, {"still": 10_000}, sounds=sounds)


lengths = st.lists(st.integers(1, 10_000), min_size=1, max_size=5)
ends = st.lists(st.integers(0, 9_999), max_size=6)


@st.composite
def stocks(draw) -> Stock:
    """Clips of any length that ten seconds can hold, and backgrounds of ten seconds and more."""
    longer = draw(st.lists(st.integers(10_000, 60_000), min_size=1, max_size=3))
    kinds = zip("anb", (draw(lengths), draw(lengths), longer), strict=True)
    return Stock(Path(), *({f"{k}{i}": ms for i, ms in enumerate(of)} for k, of in kinds))


def test_the_published_segments() -> None:
    """What overlaps what; one millisecond is enough."""
    assert not overlaps(950, 1_430, [(2_000, 2_550), (260, 949)])
    assert overlaps(2_305, 2_950, [(824, 1_532), (1_900, 2_305), (3_424, 3_656)])
    assert not overlaps(0, 9_999, [])


def test_the_published_labels() -> None:
    """Words that end at 9,700 ms and 4,251 ms."""
    labels = classic_labels([9_700, 4_251])
    assert labels.shape == (1_375, 1)
    assert [labels[step, 0] for step in (1_333, 634, 635)] == [0, 1, 0]
    assert np.flatnonzero(labels).tolist() == [*range(585, 635), *range(1_334, 1_375)]


@given(st.tuples(st.integers(0, 99), st.integers(0, 99)).map(sorted), ends)
def test_what_overlaps_shares_a_millisecond(segment, marks) -> None:
    """As counting the milliseconds of both would tell; of many at once as of each."""
    taken = [(m % 90, m % 90 + m % 11) for m in marks]
    milliseconds = set(range(segment[0], segment[1] + 1))
    shared = any(milliseconds & set(range(first, last + 1)) for first, last in taken)
    assert bool(overlaps(*segment, taken)) == shared
    both = overlaps(np.array([segment[0], 500]), np.array([segment[1], 501]), taken)
    assert both.tolist() == [shared, False]


@given(ends)
def test_labels_follow_the_ends_of_words(ends_ms) -> None:
    """The union of what each end alone gives: 50 steps, or as many as there are to the end."""
    wanted = set()
    for end_ms in ends_ms:
        y = int(end_ms * 1_375 / 10_000.0)
        alone = {step for step in range(y + 1, y + 51) if step < STEPS}
        assert classic_labels([end_ms]).sum() == min(50, STEPS - 1 - y) == len(alone)
        wanted |= alone
    assert set(np.flatnonzero(classic_labels(ends_ms)).tolist()) == wanted


@given(stocks(), st.integers(0, 2**32))
def test_nothing_overlaps_and_nothing_is_lost(stock, seed) -> None:
    """Every clip lies whole within the ten seconds, alone, or is told to have been left out."""
    drawn = draw_classic(np.random.default_rng(seed), stock)
    both = (*drawn.activates, *drawn.negatives)
    lengths_ms = {**stock.activates, **stock.negatives}
    for i in both:
        assert 0 <= i.start_ms <= i.end_ms <= 9_999
        assert i.end_ms - i.start_ms + 1 == lengths_ms[i.clip]
    for a, b in combinations(both, 2):
        assert a.end_ms < b.start_ms or b.end_ms < a.start_ms
    assert {i.clip for i in drawn.activates} <= set(stock.activates)
    assert {i.clip for i in drawn.negatives} <= set(stock.negatives)
    count = {k: sum(n[0] == k for n in (*drawn.left_out, *(i.clip for i in both))) for k in "an"}
    assert count["a"] <= 4
    assert count["n"] <= 2
    assert 0 <= drawn.offset_ms <= stock.backgrounds[drawn.background] - 10_000
    assert drawn == draw_classic(np.random.default_rng(seed), stock)


@given(st.integers(1, 10_000), ends, st.integers(0, 99))
def test_a_clip_is_left_out_only_where_no_place_is_free(length_ms, marks, seed) -> None:
    """As trying every start in turn would find."""
    taken = [(mark, min(mark + mark % 2_000, 9_999)) for mark in marks]
    segment = draw_segment(np.random.default_rng(seed), length_ms, taken)
    if segment:
        assert segment[1] - segment[0] + 1 == length_ms
        assert not overlaps(*segment, taken)
        assert 0 <= segment[0] <= segment[1] <= 9_999
    else:
        tried = ((first, first + length_ms - 1) for first in range(10_001 - length_ms))
        assert all(overlaps(*one, taken) for one in tried)


def test_a_place_that_just_fits_is_found_and_every_place_is_drawn() -> None:
    """One free stretch of 100 ms: all of it, or any of its eleven places for 90 ms."""
    taken = [(0, 4_999), (5_100, 9_999)]
    rng = np.random.default_rng(3)
    assert draw_segment(rng, 100, taken) == (5_000, 5_099)
    assert draw_segment(rng, 101, taken) is None
    assert draw_segment(rng, 10_000, []) == (0, 9_999)
    times = np.zeros(11, int)
    for _ in range(1_100):
        times[(draw_segment(rng, 90, taken) or (0, 0))[0] - 5_000] += 1
    assert times.min() > 60


def test_as_many_words_are_drawn_as_in_the_classic_system() -> None:
    """0 to 4 activates and 0 to 2 negatives, each number as often as the other."""
    stock = held({"a": 1, "b": 2}, {"c": 3})
    drawn = [draw_classic(np.random.default_rng(seed), stock) for seed in range(1_500)]
    for numbers, most in (
        ([len(m.activates) for m in drawn], 4),
        ([len(m.negatives) for m in drawn], 2),
    ):
        share = np.bincount(numbers) / 1_500
        assert share == pytest.approx(1 / (most + 1), abs=0.035)
        assert len(share) == most + 1


@examples(max_examples=30)
@given(
    background_dbfs=st.floats(-65, -1),
    words=st.lists(st.tuples(st.integers(250, 900), st.floats(-45, -3)), max_size=4),
    seed=st.integers(0, 99),
)
def test_the_level_is_minus_20_dbfs(background_dbfs, words, seed) -> None:
    """Within 0.1 dB, measured in floats: over hiss near silence, and where the gain clips words."""
    sounds = {f"w{i}": to_int16(tone(ms, dbfs)) for i, (ms, dbfs) in enumerate(words)}
    sounds["b"] = to_int16(hiss(10_000, background_dbfs, seed=seed))
    placed = tuple(
        Insertion(f"w{i}", 2_000 * i + seed, 2_000 * i + seed + ms - 1)
        for i, (ms, _) in enumerate(words)
    )
    stock = Held(Path(), {}, {}, {"b": 10_000}, sounds=sounds)
    made = compose_classic(ClassicMixture("b", 0, placed, (), ()), stock)
    assert made.shape == (441_000,)
    assert rms_dbfs(to_float(made)) == pytest.approx(-20, abs=0.1)


def test_words_sound_where_their_segments_are_and_nowhere_else() -> None:
    """Over digital silence every millisecond of a segment sounds, and no other one does."""
    stock = held({"a": 700, "b": 433}, {"c": 1_250})
    for seed in range(12):
        drawn = draw_classic(np.random.default_rng(seed), stock)
        loud = np.zeros(10_000, bool)
        for i in (*drawn.activates, *drawn.negatives):
            loud[i.start_ms : i.end_ms + 1] = True
        sounds = np.abs(compose_classic(drawn, stock)[: 441 * 1_000].astype(int))
        peaks = [part.max() for part in np.split(sounds[: 441 * 1_000], 1_000)]
        # In tens of milliseconds, which are whole samples; those that hold an edge are let be.
        tens = loud.reshape(-1, 10)
        assert all(p > 0 for p, t in zip(peaks, tens, strict=True) if t.all())
        assert all(p == 0 for p, t in zip(peaks, tens, strict=True) if not t.any())


def test_the_background_is_20_db_down_before_anything_is_laid_over_it() -> None:
    """A word as loud as the background ends up 20 dB above it."""
    background = to_int16(tone(10_000, -12, hz=1_000))
    stock = held({"a": 1_000}, {"c": 1}, background)
    mixture = ClassicMixture("still", 0, (Insertion("a", 4_000, 4_999),), (), ())
    made = to_float(compose_classic(mixture, stock))
    word, around = made[4_000 * 441 // 10 : 5_000 * 441 // 10], made[: 3_000 * 441 // 10]
    # The word's tone is at -15 dBFS, the background at -32.
    above = 10 * np.log10(gain(2 * -15) + gain(2 * -32)) + 32
    assert rms_dbfs(word) - rms_dbfs(around) == pytest.approx(above, abs=0.05)


def test_silence_stays_silent() -> None:
    """No words over a stretch that holds nothing: there is no level to set."""
    stock = held({"a": 1}, {"c": 1})
    assert not compose_classic(ClassicMixture("still", 0, (), (), ()), stock).any()


def test_the_net_gets_what_it_takes() -> None:
    """A spectrogram of 101 × 5511, transposed, and 1375 labels of one column."""
    stock = held({"a": 700}, {"c": 300}, to_int16(hiss(10_000, -30)))
    drawn = draw_classic(np.random.default_rng(1), stock)
    fed = features(compose_classic(drawn, stock))
    assert fed.T.shape == (101, 5_511)
    assert fed.dtype == np.float32
    assert drawn.labels().shape == (1_375, 1)
    assert drawn.activates
    assert drawn.labels().sum() >= 50


def test_nothing_warns_where_there_is_no_ffmpeg(tmp_path: Path) -> None:
    """A fresh interpreter in which every warning is an error, and no program is found."""
    code = (
        "import pathlib, numpy as np; from wakeful.synth.classic import *\n"
        "class Hiss(Stock):\n"
        "    def background(self, name, offset_ms): return np.full(441_000, 999, np.int16)\n"
        "mixture = ClassicMixture('x', 0, (), (), ())\n"
        "print(compose_classic(mixture, Hiss(pathlib.Path(), {}, {}, {})).shape)"
    )
    environment = {**os.environ, "PATH": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("(441000,)\n", "")


def test_without_pydub_one_line_says_what_to_install(monkeypatch) -> None:
    """As where only the daemon was installed."""
    monkeypatch.setitem(sys.modules, "pydub", None)
    stock = held({"a": 1}, {"c": 1})
    with pytest.raises(ClassicError, match=r"pip install 'wakeful\[synth\]'"):
        compose_classic(ClassicMixture("still", 0, (), (), ()), stock)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Two activates, a negative, two backgrounds, of several rates, formats and channel counts."""
    folder = tmp_path / "recordings"
    files = {
        "activates/a.wav": (tone(600, -15), RATE),
        "activates/sub/ä b.flac": (tone(450, -20, 16_000), 16_000),
        "negatives/c.wav": (tone(333, -18, 8_000), 8_000),
        "backgrounds/long.flac": (hiss(12_500, -30, 16_000), 16_000),
        "backgrounds/ten.wav": (hiss(10_000, -40), RATE),
    }
    for name, (sound, rate_hz) in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        both = np.stack([sound, np.zeros_like(sound)], axis=1)
        soundfile.write(path, both if "c.wav" in name else sound, rate_hz)
    return folder


def made_files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, hidden files too."""
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_recordings_of_any_kind_are_read_at_44_1_khz(recordings: Path) -> None:
    """As long as they were, of the channel that counts; a 16-bit one at that rate to the bit."""
    stock = read_stock(recordings)
    assert stock.activates == {"activates/a.wav": 600, "activates/sub/ä b.flac": 450}
    assert stock.negatives == {"negatives/c.wav": 333}
    assert stock.backgrounds == {"backgrounds/long.flac": 12_500, "backgrounds/ten.wav": 10_000}
    samples, _ = soundfile.read(recordings / "activates/a.wav", dtype="int16")
    np.testing.assert_array_equal(stock.clip("activates/a.wav"), samples)
    stereo = stock.clip("negatives/c.wav")
    assert len(stereo) == pytest.approx(333 * 44.1, abs=1)
    assert rms_dbfs(to_float(stereo)) == pytest.approx(-18, abs=0.1)
    for offset_ms in (0, 1_234, 2_500):
        assert stock.background("backgrounds/long.flac", offset_ms).shape == (441_000,)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_a_stretch_of_a_background_begins_where_it_was_drawn(tmp_path, rate_hz) -> None:
    """A click 3 s into the recording is 1 s into what begins at 2 s."""
    sound = np.zeros(13 * rate_hz)
    sound[3 * rate_hz] = 0.9
    soundfile.write(tmp_path / "click.wav", sound, rate_hz)
    stock = Stock(tmp_path, {}, {}, {"click.wav": 13_000})
    stretch = stock.background("click.wav", 2_000)
    assert stretch.shape == (441_000,)
    assert abs(int(np.argmax(np.abs(stretch))) - 44_100) <= 44_100 // rate_hz


@pytest.mark.parametrize(("missing", "fits"), [(0, True), (10, True), (44, False), (4_410, False)])
def test_ten_seconds_but_for_half_a_millisecond_are_ten(recordings, missing, fits) -> None:
    """Encoders lose a few samples; what is missing is silent. Less is told."""
    path = recordings / "backgrounds/ten.wav"
    sound, _ = soundfile.read(path)
    soundfile.write(path, sound[: 441_000 - missing], RATE)
    if not fits:
        with pytest.raises(ClassicError, match=r"ten\.wav: lasts .* under 10 s; take it away"):
            read_stock(recordings)
        return
    stretch = read_stock(recordings).background("backgrounds/ten.wav", 0)
    assert stretch.shape == (441_000,)
    assert not stretch[441_000 - missing :].any()


def broken(path: Path, how: str) -> None:
    """One of the recordings, made useless."""
    if how == "corrupt":
        path.write_bytes(b"RIFF no sound")
    elif how == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    elif how == "empty":
        soundfile.write(path, np.zeros(0), RATE)
    elif how == "silent":
        soundfile.write(path, np.zeros(11 * RATE), RATE)
    elif how == "no number":
        soundfile.write(path, np.full(11 * RATE, np.nan), RATE, "FLOAT", format="WAV")
    elif how == "long":
        soundfile.write(path, tone(10_001, -20), RATE)
    else:
        path.unlink()


@pytest.mark.parametrize(
    ("name", "how", "line"),
    [
        ("activates/a.wav", "corrupt", r"a\.wav: not readable as sound .*; take it away"),
        ("activates/a.wav", "empty", r"a\.wav: silent; take it away"),
        ("activates/a.wav", "silent", r"a\.wav: silent; take it away"),
        ("activates/a.wav", "no number", r"a\.wav: holds samples that are no numbers"),
        ("activates/a.wav", "long", r"a\.wav: lasts 10\.00 s, over 10 s; .* cut it"),
        ("negatives/c.wav", "gone", r"negatives: holds no .*; give a folder of activates, neg"),
        ("backgrounds/ten.wav", "silent", r"ten\.wav: silent; take it away"),
        ("backgrounds/ten.wav", "cut", r"ten\.wav: lasts 3\.\d\d s, under 10 s; .* join several"),
        ("backgrounds/long.flac", "cut", r"long\.flac: "),
    ],
)
def test_what_cannot_be_used_is_one_line(recordings, tmp_path, name, how, line) -> None:
    """It names the file and what to do, and nothing is made."""
    broken(recordings / name, how)
    with pytest.raises(ClassicError, match=line) as error:
        make_classics(recordings, tmp_path / "out", Order(1, 1), quiet)
    assert str(error.value).isprintable()
    assert not (tmp_path / "out").exists()


def test_what_is_made_is_what_was_drawn(recordings: Path, tmp_path: Path) -> None:
    """Each line of the manifest makes its sound and its labels again, bit for bit."""
    out = tmp_path / "out"
    made = make_classics(recordings, out, Order(6, 4, with_features=True), quiet)
    rows = [json.loads(line) for line in (out / MANIFEST).read_text().splitlines()]
    assert [row["file"] for row in rows] == [f"{number:06d}.wav" for number in range(6)]
    assert made.compositions == made.written == 6
    assert made.activates == sum(len(row["activates"]) for row in rows) > 0
    assert made.negatives == sum(len(row["negatives"]) for row in rows) > 0
    stock = read_stock(recordings)
    for row in rows:
        samples, rate_hz = soundfile.read(out / row["file"], dtype="int16")
        mixture = msgspec.convert(row, ClassicMixture)
        np.testing.assert_array_equal(samples, compose_classic(mixture, stock))
        assert rate_hz == RATE
        with np.load(out / row["labels"]) as arrays:
            np.testing.assert_array_equal(arrays["labels"], mixture.labels())
            np.testing.assert_array_equal(arrays["features"], features(samples))


def test_a_seed_gives_the_same_bytes_however_often_it_was_stopped(
    recordings: Path, tmp_path: Path, monkeypatch
) -> None:
    """In one go, or killed in the middle of a file with another half-written; another seed not."""
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    make_classics(recordings, whole, Order(5, 1), quiet)
    put, calls = classic_files._put, []

    def killed(file: Path, content: bytes) -> None:
        calls.append(file)
        if len(calls) == 5:
            (file.parent / f".{file.name}.1").write_bytes(content[:99])
            raise KeyboardInterrupt
        put(file, content)

    monkeypatch.setattr(classic_files, "_put", killed)
    with pytest.raises(KeyboardInterrupt):
        make_classics(recordings, stopped, Order(5, 1), quiet)
    monkeypatch.undo()
    assert not (stopped / MANIFEST).exists()
    shown: list[tuple[int, int]] = []
    again = make_classics(recordings, stopped, Order(5, 1), lambda *now: shown.append(now))
    assert again.written == 4
    assert shown == [(2, 5), (3, 5), (4, 5), (5, 5)]
    assert made_files(stopped) == made_files(whole)
    assert make_classics(recordings, stopped, Order(2, 1), quiet).compositions == 5
    assert made_files(stopped) == made_files(whole)
    make_classics(recordings, tmp_path / "other", Order(5, 2), quiet)
    assert made_files(tmp_path / "other")["000000.wav"] != made_files(whole)["000000.wav"]


def test_a_folder_that_was_begun_otherwise_is_left_alone(recordings: Path, tmp_path: Path) -> None:
    """Another seed, other features, a changed recording: what is there would not be theirs."""
    out = tmp_path / "out"
    make_classics(recordings, out, Order(1, 1), quiet)
    before = made_files(out)
    for order in (Order(1, 2), Order(1, 1, with_features=True)):
        with pytest.raises(ClassicError, match="give another --out"):
            make_classics(recordings, out, order, quiet)
    soundfile.write(recordings / "activates/a.wav", tone(601, -15), RATE)
    with pytest.raises(ClassicError, match="other recordings"):
        make_classics(recordings, out, Order(1, 1), quiet)
    assert made_files(out) == before
    with pytest.raises(UsageError, match="lies among the recordings"):
        make_classics(recordings, recordings / KINDS[0] / "out", Order(1, 1), quiet)


def test_a_full_disk_is_one_line_and_nothing_half_written(
    recordings: Path, tmp_path: Path, monkeypatch
) -> None:
    """It names the file; what was whole stays, and the same command goes on."""
    whole = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "000001.wav" in path.name:
            whole(path, content[:100])
            raise OSError(28, "No space left on device")
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    out = tmp_path / "out"
    with pytest.raises(ClassicError, match=r"000001\.wav: can't be written \(No space left"):
        make_classics(recordings, out, Order(3, 1), quiet)
    assert sorted(made_files(out)) == ["000000.npz", "000000.wav", "000001.npz", "order.json"]
    monkeypatch.undo()
    assert make_classics(recordings, out, Order(3, 1), quiet).written == 2


def test_what_found_no_place_is_counted(recordings: Path, tmp_path: Path) -> None:
    """Words of six seconds: there is never room for two."""
    soundfile.write(recordings / "activates/a.wav", tone(6_000, -15), RATE)
    (recordings / "activates/sub/ä b.flac").unlink()
    made = make_classics(recordings, tmp_path / "out", Order(8, 1), quiet)
    rows = [json.loads(line) for line in (tmp_path / "out" / MANIFEST).read_text().splitlines()]
    assert max(len(row["activates"]) for row in rows) == 1
    assert made.left_out == sum(len(row["left_out"]) for row in rows) > 0


def test_the_command_tells_what_it_made(recordings: Path, tmp_path: Path) -> None:
    """A line for a person, JSON for a program, a bar for neither; help shows how to call it."""
    arguments = ["classic", str(recordings), "--count", "3", "--out", str(tmp_path / "out")]
    first = CliRunner().invoke(synth, arguments)
    assert first.exit_code == 0, first.output
    assert "3 compositions in" in first.stdout
    assert "3 written now" in first.stdout
    assert first.stderr == ""
    told = json.loads(CliRunner().invoke(synth, [*arguments, "--json"]).stdout)
    assert (told["compositions"], told["written"]) == (3, 0)
    assert set(told) == {*Made.__dataclass_fields__, "seconds"}
    assert (
        "wakeful synth classic recordings"
        in CliRunner().invoke(synth, ["classic", "--help"]).output
    )
