"""Folders ninefold: every recording nine times, resumable, nothing half-written."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from wakeful.models.errors import UsageError, WakefulError
from wakeful.synth.ninefold import VARIANTS
from wakeful.synth.ninefold_files import Made, NinefoldError, make_ninefold
from wakeful.synth.synth_command import synth
from wakeful.synth.world import has_world

pytestmark = pytest.mark.skipif(not has_world(), reason="needs the synth extra")


def quiet(done: int, total: int) -> None:
    """No progress."""


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """Two recordings in sub-folders, one at another rate and in stereo."""
    folder = tmp_path / "digits"
    for name, rate_hz, channels in (("one/a.b.wav", 16_000, 1), ("two/a.flac", 8_000, 2)):
        path = folder / name
        path.parent.mkdir(parents=True)
        wave = 0.2 * np.sin(2 * np.pi * 150 * np.arange(rate_hz // 4) / rate_hz)
        soundfile.write(path, np.stack([wave] * channels, axis=1), rate_hz)
    return folder


def test_each_recording_becomes_nine_files_where_it_was(digits: Path, tmp_path: Path) -> None:
    """At 16 kHz, as long as each one's name says, in folders of the same names."""
    out = tmp_path / "nine"
    assert make_ninefold(digits, out, quiet) == Made(2, 18)
    for variant in VARIANTS:
        for stem in ("one/a.b", "two/a"):
            info = soundfile.info(out / f"{stem}-{variant.name}.flac")
            assert (info.samplerate, info.channels) == (16_000, 1)
            assert info.frames == pytest.approx(4_000 * variant.stretch, abs=2)
    original, _ = soundfile.read(digits / "one/a.b.wav", dtype="int16")
    same, _ = soundfile.read(out / "one/a.b-x1.0+0.flac", dtype="int16")
    np.testing.assert_array_equal(same, original)


def test_a_second_run_writes_only_what_is_missing(digits: Path, tmp_path: Path) -> None:
    """The same bytes as before; what is there isn't touched."""
    out = tmp_path / "nine"
    make_ninefold(digits, out, quiet)
    lost, kept = out / "one/a.b-x0.7-1.flac", out / "two/a-x1.3+1.flac"
    content = lost.read_bytes()
    lost.unlink()
    kept.write_bytes(b"mine")
    shown: list[tuple[int, int]] = []
    made = make_ninefold(digits, out, lambda done, total: shown.append((done, total)))
    assert (made, shown) == (Made(2, 1), [(1, 2), (2, 2)])
    assert lost.read_bytes() == content
    assert kept.read_bytes() == b"mine"


def test_a_full_disk_leaves_nothing_half_written(digits: Path, tmp_path: Path, monkeypatch) -> None:
    """One line with the file; the folder holds no part of it."""

    def full(path: Path, *_: object, **__: object) -> None:
        Path(path).write_bytes(b"fL")
        raise soundfile.LibsndfileError(2, "Error writing: ")

    monkeypatch.setattr(soundfile, "write", full)
    with pytest.raises(NinefoldError, match=r"\.flac: can't be written .*run it again"):
        make_ninefold(digits, tmp_path / "nine", quiet)
    assert [p for p in (tmp_path / "nine").rglob("*") if p.is_file()] == []


def test_what_cannot_be_made_nine_of_is_one_line(digits: Path, tmp_path: Path) -> None:
    """No recordings, two of one name, no sound in one, and a place inside the folder itself."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(NinefoldError, match="holds no"):
        make_ninefold(tmp_path / "empty", tmp_path / "nine", quiet)
    with pytest.raises(UsageError, match="give another --out"):
        make_ninefold(digits, digits / "nine", quiet)
    (digits / "two/a.wav").write_bytes(b"no sound")
    with pytest.raises(NinefoldError, match="two endings"):
        make_ninefold(digits, tmp_path / "nine", quiet)
    (digits / "two/a.flac").unlink()
    with pytest.raises(WakefulError, match=r"two/a\.wav: not readable as sound"):
        make_ninefold(digits, tmp_path / "nine", quiet)


def test_the_command_tells_what_it_wrote(digits: Path, tmp_path: Path) -> None:
    """A line for a person, JSON for a program."""
    arguments = ["nine", str(digits), "--out", str(tmp_path / "nine")]
    first = CliRunner().invoke(synth, arguments)
    assert first.exit_code == 0, first.output
    assert "2 recordings ninefold" in first.output
    again = json.loads(CliRunner().invoke(synth, [*arguments, "--json"]).stdout)
    assert (again["recordings"], again["written"]) == (2, 0)
