"""Banks of rooms: made once, gone on with after a stop, and never half a room taken for whole."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from wakeful.synth import rooms as rooms_module
from wakeful.synth.geometry import Geometry
from wakeful.synth.impulse import ImpulseError
from wakeful.synth.rooms import (
    MANIFEST,
    RoomsError,
    draw_rooms,
    file_name,
    make_rooms,
    read_rooms,
)
from wakeful.synth.synth_command import synth

pytest.importorskip("pyroomacoustics", reason="needs the synth extra")


def quiet(done: int, total: int) -> None:
    """No progress."""


def test_a_bank_is_read_as_it_was_made(tmp_path: Path) -> None:
    """In the order drawn, to the bit."""
    assert make_rooms(3, tmp_path, 7, 1, quiet) == 3
    for read, drawn in zip(read_rooms(tmp_path), draw_rooms(3, 7), strict=True):
        np.testing.assert_array_equal(read, drawn.response())


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path, monkeypatch) -> None:
    """What is whole stays; a larger bank keeps the smaller one's rooms; progress counts them."""
    whole, calls = Geometry.response, []

    def third_fails(room: Geometry) -> np.ndarray:
        calls.append(room)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(room)

    monkeypatch.setattr(Geometry, "response", third_fails)
    with pytest.raises(KeyboardInterrupt):
        make_rooms(4, tmp_path, 7, 1, quiet)
    assert not (tmp_path / MANIFEST).exists()
    shown: list[tuple[int, int]] = []
    assert make_rooms(4, tmp_path, 7, 1, lambda done, total: shown.append((done, total))) == 2
    assert shown == [(3, 4), (4, 4)]
    assert make_rooms(5, tmp_path, 7, 1, quiet) == 1
    assert make_rooms(5, tmp_path, 7, 1, quiet) == 0
    assert len(read_rooms(tmp_path)) == 5


def test_two_processes_make_the_same_rooms_as_one(tmp_path: Path) -> None:
    """Whoever simulates it, a room is its parameters."""
    make_rooms(2, tmp_path / "one", 3, 1, quiet)
    make_rooms(2, tmp_path / "two", 3, 2, quiet)
    for a, b in zip(read_rooms(tmp_path / "one"), read_rooms(tmp_path / "two"), strict=True):
        np.testing.assert_array_equal(a, b)


def test_room_i_is_the_same_in_any_bank_of_the_seed() -> None:
    """And no two are the same."""
    assert draw_rooms(3, 1) == draw_rooms(9, 1)[:3]
    assert len({file_name(g) for g in draw_rooms(50, 1) + draw_rooms(50, 2)}) == 100


def test_a_folder_of_recordings_is_a_bank_too(tmp_path: Path) -> None:
    """Without a list every file is a recorded response."""
    response = np.zeros(800)
    response[[50, 400]] = 0.5, 0.25
    soundfile.write(tmp_path / "hall.wav", response, 16_000)
    (read,) = read_rooms(tmp_path)
    assert (read[0], read[350]) == (1.0, pytest.approx(0.5, abs=1e-3))
    with pytest.raises(ImpulseError, match="no such folder"):
        read_rooms(tmp_path / "gone")


@pytest.mark.parametrize("listed", ["not json", "[1]", '{"name": "x"}', '"file"'])
def test_a_broken_list_is_named(tmp_path: Path, listed: str) -> None:
    """One line with the file and what to do."""
    (tmp_path / MANIFEST).write_text(listed)
    with pytest.raises(RoomsError, match=r"rooms\.jsonl: not a list of rooms"):
        read_rooms(tmp_path)


@pytest.mark.parametrize("content", [b"", b"RIFF and nothing", None])
def test_a_broken_or_missing_room_is_named(tmp_path: Path, content: bytes | None) -> None:
    """A bank of which a file was lost isn't silently smaller."""
    (tmp_path / MANIFEST).write_text(json.dumps({"file": "room-1.wav"}) + "\n")
    if content is not None:
        (tmp_path / "room-1.wav").write_bytes(content)
    with pytest.raises(RoomsError, match=r"room-1\.wav: can't be read.*make the rooms again"):
        read_rooms(tmp_path)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """A file stands where the folder should."""
    (tmp_path / "bank").write_text("")
    with pytest.raises(RoomsError, match="bank"):
        make_rooms(1, tmp_path / "bank", 1, 1, quiet)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch) -> None:
    """The room that could not be written is not there, and the line says where."""

    def full(path: Path, *_: object, **__: object) -> None:
        Path(path).write_bytes(b"RI")
        raise soundfile.LibsndfileError(2, "Error writing: ")

    monkeypatch.setattr(soundfile, "write", full)
    with pytest.raises(RoomsError, match="can't be written"):
        make_rooms(1, tmp_path, 1, 1, quiet)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    """For a person one line, for a program JSON; a second run simulates nothing."""
    bank = tmp_path / "bank"
    arguments = ["rooms", "--out", str(bank), "--count", "2", "--processes", "1"]
    first = CliRunner().invoke(synth, arguments)
    assert first.exit_code == 0, first.output
    assert "2 rooms in" in first.output
    again = json.loads(CliRunner().invoke(synth, [*arguments, "--json"]).stdout)
    assert (again["rooms"], again["simulated"]) == (2, 0)
    assert again["decay_s"] == sorted(again["decay_s"])
    assert rooms_module.read_rooms(bank)[1][0] == 1.0
