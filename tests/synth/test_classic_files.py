"""Folders of classic compositions: what is read, what is written, and the command."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from wakeful.models.errors import UsageError
from wakeful.models.whole_file import write_whole
from wakeful.synth import classic_files
from wakeful.synth.classic import ClassicMixture, compose_classic, features
from wakeful.synth.classic_files import MANIFEST, Made, Order, make_classics
from wakeful.synth.classic_stock import KINDS, ClassicError, Stock, read_stock
from wakeful.synth.levels import gain, rms_dbfs, to_float
from wakeful.synth.synth_command import synth

RATE = 44_100


def quiet(done: int, total: int) -> None:
    """No progress."""


def tone(length_ms: int, dbfs: float, rate_hz: int = RATE, hz: float = 440.0) -> np.ndarray:
    """A sine of whole milliseconds at a level."""
    at_s = np.arange(length_ms * rate_hz // 1_000) / rate_hz
    sound: np.ndarray = np.sqrt(2) * gain(dbfs) * np.sin(2 * np.pi * hz * at_s)
    return sound


def hiss(length_ms: int, dbfs: float, rate_hz: int = RATE, seed: int = 0) -> np.ndarray:
    """White noise at a level."""
    noise = np.random.default_rng(seed).standard_normal(length_ms * rate_hz // 1_000)
    return gain(dbfs) * noise


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
    assert made.activates == sum(len(row["parameters"]["activates"]) for row in rows) > 0
    assert made.negatives == sum(len(row["parameters"]["negatives"]) for row in rows) > 0
    stock = read_stock(recordings)
    for row in rows:
        samples, rate_hz = soundfile.read(out / row["file"], dtype="int16")
        mixture = msgspec.convert(row["parameters"], ClassicMixture)
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
    put, calls = write_whole, []

    def killed(file: Path, content: bytes) -> None:
        calls.append(file)
        if len(calls) == 5:
            (file.parent / f".{file.name}.1").write_bytes(content[:99])
            raise KeyboardInterrupt
        put(file, content)

    monkeypatch.setattr(classic_files, "write_whole", killed)
    with pytest.raises(KeyboardInterrupt):
        make_classics(recordings, stopped, Order(5, 1), quiet)
    monkeypatch.undo()
    assert not (stopped / MANIFEST).exists()
    shown: list[tuple[int, int]] = []
    again = make_classics(recordings, stopped, Order(5, 1), lambda *now: shown.append(now))
    assert again.written == 4
    assert shown == [(2, 5), (3, 5), (4, 5), (5, 5)]
    assert made_files(stopped) == made_files(whole)
    (stopped / "000003.npz").unlink()
    assert make_classics(recordings, stopped, Order(4, 1), quiet).written == 1
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
    assert max(len(row["parameters"]["activates"]) for row in rows) == 1
    assert made.left_out == sum(len(row["parameters"]["left_out"]) for row in rows) > 0


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
