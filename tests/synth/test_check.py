"""Checking a folder: counts are right, odd files are named, leakage is refused."""

import json
import shutil

import msgspec
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.errors import WakefulError
from wakeful.synth import check as checking
from wakeful.synth.check import CheckError, Report, check, spread
from wakeful.synth.check_text import bars, hours, report_lines
from wakeful.synth.collection import CollectionError, collect, shown
from wakeful.synth.gauge import SoundError, gauge
from wakeful.synth.leakage import leaks, speakers_of
from wakeful.synth.synth_command import synth

RATE = 16_000


def bursts(seconds, level_dbfs, snr_db, seed=0):
    """Half a second of noise, half a second of nearly none, and so on, at a known ratio."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)
    on = (np.arange(count) // (RATE // 2)) % 2 == 0
    loud = rng.normal(size=count) * 10 ** (level_dbfs / 20)
    return loud * on + rng.normal(size=count) * 10 ** ((level_dbfs - snr_db) / 20)


def save(path, sound, **format_):
    """A sound file, its folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, RATE, **format_)


def clip(folder, kind, number, voice, split, sound=None, **more):
    """A clip with its line, as ``wakeful synth clips`` writes them."""
    name = f"{number:06d}.flac"
    made = bursts(1.0, -20, 30, seed=number + 100 * len(kind)) if sound is None else sound
    save(folder / kind / name, made, subtype="PCM_16")
    engine, _, voice_name = voice.partition(" ")
    row = {"number": number, "file": name, "text": "activate.", "engine": engine}
    row |= {
        "voice": voice_name,
        "parameters": {"rate": number},
        "warp": None,
        "split": split,
    } | more
    with (folder / kind / "manifest.jsonl").open("a") as manifest:
        manifest.write(json.dumps(row | more) + "\n")


@pytest.fixture
def tree(tmp_path):
    """Five clips of two engines, in order, without leakage."""
    for number, (kind, voice, split) in enumerate(
        [
            ("positive", "espeak-ng en-us+m1", "train"),
            ("positive", "espeak-ng en-gb+m1", "train"),
            ("positive", "espeak-ng en-us+m7", "validation"),
            ("hard", "flite slt", "validation"),
            ("sentence", "flite awb", "train"),
        ]
    ):
        clip(tmp_path, kind, number, voice, split)
    return tmp_path


def clips_by(counts):
    """How many clips of each, without their hours."""
    return {name: count.clips for name, count in counts.items()}


def run(*arguments):
    """The command as a user gives it."""
    return CliRunner().invoke(synth, ["check", *map(str, arguments)])


def test_counts_are_right(tree):
    """By kind, engine, voice and split; each clip lasts a second."""
    (tree / "hard" / "dropped.jsonl").write_text('{"number": 7, "dropped": "silent"}\n')
    report = check(tree)
    assert report.total.clips == 5
    assert report.total.hours == pytest.approx(5 / 3_600, abs=1e-6)
    assert clips_by(report.kinds) == {"hard": 1, "positive": 3, "sentence": 1}
    assert clips_by(report.engines) == {"espeak-ng": 3, "flite": 2}
    assert clips_by(report.splits) == {"train": 3, "validation": 2}
    assert report.voices["espeak-ng m1"] == {"train": 2}
    assert report.dropped == {"hard": 1}
    assert report.duration_s.p0 == report.duration_s.p100 == 1.0
    assert report.level_dbfs.p50 == pytest.approx(-20, abs=0.5)
    assert not report.faults()
    odd = (report.same_sound, report.same_parameters, report.missing, report.unlisted)
    assert odd == ((), (), (), ())


def test_several_processes_tell_the_same(tree, monkeypatch):
    """However many measure, the report is one."""
    monkeypatch.setattr(checking, "_WORTH_PROCESSES", 1)
    seen = []
    assert check(tree, 2, lambda done, total: seen.append((done, total))) == check(tree, 1)
    assert seen[-1] == (5, 5)


@pytest.mark.parametrize("snr_db", [5, 15, 30, 50])
@pytest.mark.parametrize("level_dbfs", [-40, -20])
def test_snr_and_level_are_what_was_made(tmp_path, level_dbfs, snr_db):
    """Of bursts in noise the estimate is right to 1.5 dB, the level to a quarter."""
    save(tmp_path / "a.wav", bursts(4.0, level_dbfs, snr_db), subtype="FLOAT")
    measured = gauge(tmp_path / "a.wav")
    # Within 25 dB of the bursts the pauses sound too.
    noise = 10 ** (-snr_db / 10)
    sounding = 1 + noise if snr_db > 25 else (1 + 2 * noise) / 2
    assert measured.snr_db == pytest.approx(snr_db, abs=1.5)
    assert measured.level_dbfs == pytest.approx(level_dbfs + 10 * np.log10(sounding), abs=0.25)


def test_clipping_and_dc_are_seen(tmp_path):
    """A tenth of the samples at full scale, a mean of a twentieth."""
    sound = np.full(RATE, 0.05)
    sound[:1_600] = 1.0
    save(tmp_path / "a.flac", sound, subtype="PCM_16")
    measured = gauge(tmp_path / "a.flac")
    assert measured.clipped_share == pytest.approx(0.1)
    assert measured.dc == pytest.approx(0.1 + 0.9 * 0.05, abs=1e-3)
    assert measured.peak_dbfs == pytest.approx(0, abs=0.01)
    report = check(tmp_path)
    assert (report.clipped_files, report.dc_files) == (1, 1)


@given(st.integers(1, 5_000), st.sampled_from([8_000, 16_000, 44_100]), st.integers(1, 2))
def test_any_sound_is_measured_and_known_again(tmp_path_factory, count, rate, channels):
    """Every figure is finite, and the same samples in another format are the same sound."""
    folder = tmp_path_factory.mktemp("any")
    sound = np.random.default_rng(count).integers(-9, 9, (count, channels)).astype(np.int16)
    for name in ("a.flac", "a.wav"):
        soundfile.write(folder / name, sound, rate, subtype="PCM_16")
    flac, wav = gauge(folder / "a.flac"), gauge(folder / "a.wav")
    assert flac == wav
    assert flac.seconds == count / rate
    assert np.isfinite([flac.level_dbfs, flac.peak_dbfs, flac.dc]).all()
    soundfile.write(folder / "b.wav", sound + 1, rate, subtype="PCM_16")
    assert gauge(folder / "b.wav").digest != flac.digest


def test_a_long_file_is_measured_in_pieces(tmp_path):
    """Over two of its blocks, the figures are those of the whole."""
    sound = bursts(65.0, -30, 20)
    save(tmp_path / "long.wav", sound, subtype="DOUBLE")
    measured = gauge(tmp_path / "long.wav")
    assert measured.seconds == 65
    assert measured.dc == pytest.approx(sound.mean(), abs=1e-6)
    assert measured.snr_db == pytest.approx(20, abs=1.5)


def test_what_cant_be_used_is_told_and_refused(tree):
    """No sound, none any more, cut short, not a number, and listed but gone."""
    positive = tree / "positive"
    (positive / "000000.flac").write_bytes(b"nothing of the kind")
    whole = (positive / "000001.flac").read_bytes()
    (positive / "000001.flac").write_bytes(whole[: len(whole) // 2])
    (positive / "000002.flac").unlink()
    save(tree / "hard" / "empty.wav", np.zeros(0))
    save(tree / "hard" / "nan.wav", np.full(100, np.nan), subtype="FLOAT")
    report = check(tree)
    assert [p.file for p in report.corrupt] == [
        "hard/empty.wav",
        "hard/nan.wav",
        "positive/000000.flac",
        "positive/000001.flac",
    ]
    assert report.missing == ("positive/000002.flac",)
    assert report.unlisted == ("hard/empty.wav", "hard/nan.wav")
    assert all(p.reason and str(tree) not in p.reason for p in report.corrupt)
    assert report.faults() == [
        "4 unreadable, first hard/empty.wav",
        "1 listed but missing, first positive/000002.flac",
    ]


def test_duplicates_are_found(tree):
    """The same samples under two names, the same parameters in two lines, a line twice."""
    shutil.copy(tree / "positive" / "000000.flac", tree / "positive" / "copy.flac")
    clip(tree, "hard", 3, "flite slt", "validation")
    clip(tree, "hard", 4, "flite slt", "validation", parameters={"rate": 3})
    report = check(tree)
    assert report.same_sound == (("positive/000000.flac", "positive/copy.flac"),)
    assert report.same_parameters == (("hard/000003.flac", "hard/000004.flac"),)
    assert report.repeated == ("hard/000003.flac",)


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("kokoro af_heart+am_adam", "kokoro am_adam", "kokoro am_adam"),
        ("kokoro a+b+c", "kokoro c+d", "kokoro c"),
        ("espeak-ng en-us+m1", "espeak-ng en-gb+m1", "espeak-ng m1"),
        ("flite slt", "flite slt", "flite slt"),
        ("espeak-ng en-us+m1", "espeak-ng en-us+m2", None),
        ("flite slt", "festival slt", None),
        ("pico en-GB", "pico en-US", None),
    ],
)
def test_a_voice_on_both_sides_is_refused(tmp_path, first, second, shared):
    """Whole or in a mixture, whatever its accent; exit code 1 with one line, unless allowed."""
    clip(tmp_path, "positive", 1, first, "train")
    clip(tmp_path, "hard", 2, second, "validation")
    assert [leak.name for leak in check(tmp_path).leakage] == ([shared] if shared else [])
    done = run(tmp_path)
    assert run(tmp_path, "--allow-leakage").exit_code == 0
    if not shared:
        assert done.exit_code == 0
        return
    assert isinstance(done.exception, CheckError)
    assert done.exception.exit_code == 1
    assert f"voice {shared} in train and validation" in str(done.exception)
    assert "\n" not in str(done.exception)


def test_a_mixture_is_known_by_its_parameters(tree):
    """Where they name the voices, the voice's own name doesn't count."""
    row = {"engine": "new", "voice": "blend 7", "parameters": {"voices": ["a", "b"]}}
    assert speakers_of(row) == {"new a", "new b"}
    assert speakers_of({}) == frozenset()
    assert speakers_of({"voice": "x", "parameters": None}) == {"x"}


def test_the_same_sound_on_both_sides_is_refused(tmp_path):
    """In a plain tree, whose folders say what the splits are."""
    for split in ("train", "validation"):
        save(tmp_path / split / "yes" / f"{split}.wav", bursts(0.5, -20, 20))
    report = check(tmp_path)
    assert clips_by(report.kinds) == {"yes": 2}
    assert clips_by(report.splits) == {"train": 1, "validation": 1}
    (leak,) = report.leakage
    assert (leak.what, leak.name) == ("sound", "train/yes/train.wav")
    assert report.faults(allow_leakage=True) == []


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "a", "b", "c"]), st.sets(st.sampled_from("vwxyz"))),
        max_size=20,
    )
)
def test_leaks_are_what_two_splits_share(held):
    """Neither more nor less, and their counts are those of the clips."""
    found = {leak.name: dict(leak.splits) for leak in leaks("voice", held)}
    for name in "vwxyz":
        counts = {split: sum(s == split and name in names for s, names in held) for split in "abc"}
        there = {split: count for split, count in counts.items() if count}
        assert found.get(name, {}) == (there if len(there) > 1 else {})


def test_one_file_and_any_name(tmp_path):
    """A single file is checked too; names in any script, and those that are none, are shown."""
    save(tmp_path / "слово" / "активируй 启动\x1b[2J.wav", bursts(1.0, -20, 20))
    (odd,) = (tmp_path / "слово").iterdir()
    assert check(odd).total.clips == 1
    report = check(tmp_path)
    assert list(report.kinds) == ["слово"]
    text = "\n".join(report_lines(report))
    assert "слово" in text
    assert shown(odd.name) == "активируй 启动\\x1b[2J.wav"
    assert shown("a\udcffb\n") == "a\\xffb\\n"


def test_for_programs_the_keys_are_always_the_same(tree, tmp_path_factory):
    """One object on standard output that reads back as the report, whatever the folder holds."""
    plain = tmp_path_factory.mktemp("plain")
    (plain / "broken.wav").write_bytes(b"RIFF")
    keys = set()
    for folder in (tree, plain):
        done = run(folder, "--json")
        said = json.loads(done.stdout)
        keys.add(tuple(said))
        assert msgspec.convert(said, Report) == check(folder)
    assert len(keys) == 1
    assert isinstance(done.exception, CheckError)


def test_for_people_everything_odd_is_named(tree):
    """The table has the counts, a histogram and the first few of each list."""
    for number in range(7):
        save(tree / "hard" / f"stray{number}.wav", bursts(1.0, -20, 30, seed=1_000 + number))
    done = run(tree)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].endswith("12 clips, 12.0 s, 16 kHz")
    assert "not listed: 7" in lines
    assert "    hard/stray4.wav" in lines
    assert "    hard/stray5.wav" not in lines
    assert "    and 2 more; --json names them all" in lines
    assert any(line.startswith("level dBFS") and "█" in line for line in lines)


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"file": 3}', '{"file": "../x.wav"}'])
def test_a_broken_manifest_is_one_line(tree, line):
    """It says which file, which line, and what to do."""
    manifest = tree / "hard" / "manifest.jsonl"
    manifest.write_text(manifest.read_text() + line + "\n")
    with pytest.raises(CollectionError, match=r"manifest\.jsonl, line 2: .*; take the line away"):
        collect(tree)


def test_a_last_line_that_was_cut_was_never_written(tree):
    """As the making of clips has it."""
    manifest = tree / "hard" / "manifest.jsonl"
    manifest.write_text(manifest.read_text() + '{"number": 9, "fi')
    assert check(tree).total.clips == 5


def test_nothing_there_is_one_line(tmp_path):
    """An empty folder, none at all, a file that is no sound."""
    (tmp_path / "notes.txt").write_text("x")
    for path in (tmp_path, tmp_path / "none", tmp_path / "notes.txt"):
        done = run(path)
        assert isinstance(done.exception, WakefulError)
        assert str(path) in str(done.exception)
        assert "; give " in str(done.exception)
    with pytest.raises(SoundError, match="take it away"):
        gauge(tmp_path / "notes.txt")


@given(st.lists(st.floats(-200, 200), min_size=1, max_size=50))
def test_a_spread_counts_every_value_once(values):
    """Also those beyond its edges; its percentiles are in order."""
    found = spread(values, (-60, -30, 0))
    assert sum(found.counts) == len(values)
    assert found.counts[1] == sum(value >= -30 for value in values)
    assert found.p0 <= found.p5 <= found.p50 <= found.p95 <= found.p100
    assert spread([], (0, 1)) is None


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=20))
def test_bars_show_what_is_there(counts):
    """Blank for nothing only, full for the most."""
    drawn = bars(counts)
    assert len(drawn) == len(counts)
    assert [bar == " " for bar in drawn] == [count == 0 for count in counts]
    if max(counts):
        assert drawn[counts.index(max(counts))] == "█"


def test_lengths_are_said_in_their_unit():
    """Seconds, minutes, hours."""
    assert [hours(h) for h in (0.01, 0.5, 2.0)] == ["36.0 s", "30.0 min", "2.00 h"]
