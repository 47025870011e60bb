"""``wakeful scan``: every word in every recording, once, and no broken file keeps from the rest."""

import json

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.daemon.cli import cli
from wakeful.daemon.opening import open_models
from wakeful.daemon.scan import NothingToScanError, Read, Said, Unread, scan, sound_paths
from wakeful.daemon.settings import Settings
from wakeful.models.bundle import PRETRAINED

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory, voice):
    """The demo with two words, whole and cut before the second; talk; a file that is no sound."""
    folder = tmp_path_factory.mktemp("archive")
    demo, _ = soundfile.read(PRETRAINED / "demo.flac", dtype="int16")
    (folder / "sub").mkdir()
    soundfile.write(folder / "sub" / "both.flac", demo, RATE_HZ)
    soundfile.write(folder / "first.wav", demo[: 8 * RATE_HZ], RATE_HZ)
    soundfile.write(folder / "none.ogg", np.tile(voice, 2), RATE_HZ)
    (folder / "broken.wav").write_bytes(b"RIFF and nothing else")
    return folder


@pytest.fixture(scope="module")
def models():
    """The shipped word."""
    return open_models(["activate"])


@pytest.mark.parametrize("at_once", [1, 2, 64])
def test_every_word_is_found_once(folder, models, at_once):
    """However many are heard at once; what can't be read is told, and all else is read."""
    found = list(scan(sound_paths([folder]), models, Settings(), at_once))
    words = sorted((s.path.name, round(s.at_s)) for s in found if isinstance(s, Said))
    assert words == [("both.flac", 2), ("both.flac", 10), ("first.wav", 2)]
    assert [u.path.name for u in found if isinstance(u, Unread)] == ["broken.wav"]
    read = {r.path.name for r in found if isinstance(r, Read)}
    assert read == {"both.flac", "first.wav", "none.ogg"}


@settings(max_examples=8)
@given(at_once=st.integers(1, 9), copies=st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_neighbours_change_nothing(folder, models, at_once, copies):
    """The same file among any others is heard to the same scores at the same places."""
    names = ("sub/both.flac", "first.wav", "none.ogg")
    paths = [folder / names[n] for n in copies]
    alone = {n: plain(scan([folder / names[n]], models, Settings(), 1)) for n in set(copies)}
    together = plain(scan(paths, models, Settings(), at_once))
    assert sorted(together) == sorted(row for n in copies for row in alone[n])


def plain(found):
    """What was said, where and how surely."""
    return [(s.path.name, s.at_s, s.score) for s in found if isinstance(s, Said)]


def test_a_folder_without_sound_is_a_mistake(tmp_path):
    """It says what would be sound."""
    with pytest.raises(NothingToScanError, match=r"\.wav"):
        sound_paths([tmp_path])


def test_the_command_prints_lines_or_json_and_tells_of_what_it_could_not_read(folder):
    """Words on standard output, the broken file on standard error, and exit code 1 for it."""
    done = CliRunner().invoke(cli, ["scan", str(folder)])
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 3
    assert "broken.wav" in done.stderr
    done = CliRunner().invoke(cli, ["scan", "--json", str(folder / "first.wav")])
    (word,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.exit_code, word["keyword"], word["model"]) == (0, "activate", "activate")
    assert word["file"].endswith("first.wav")
    assert 2 < word["at_s"] < 2.6
