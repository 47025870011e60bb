"""Measuring a grammar: commands are said once, in noise, and what is understood is counted."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from wakeful.daemon.cli import cli
from wakeful.models.grammar import compile_grammar
from wakeful.synth.sayings import Sayings, make_sayings
from wakeful.training.corpus import read_sound
from wakeful.training.grammar_score import engine_table, score, table
from wakeful.training.spoken_commands import Order, as_heard, speak_commands

needs_espeak = pytest.mark.skipif(
    not shutil.which("espeak-ng"), reason="needs espeak-ng (apt install espeak-ng)"
)
GRAMMAR = compile_grammar("light: turn (on|off){state} the light\nstop: stop [now]")
ORDER = Order(commands=6, others=3, engines=("espeak-ng",), seed=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the clips are."""
    return tmp_path_factory.mktemp("commands")


@pytest.fixture(scope="module")
def spoken(folder):
    """Commands and other sentences."""
    return speak_commands(GRAMMAR, ORDER, folder)


def sound_of(one):
    """As it reaches the microphone."""
    return as_heard(one, ORDER)


@needs_espeak
def test_commands_are_said_by_voices_that_are_held_out(spoken):
    """With what is to be understood; other sentences have no label."""
    from wakeful.synth.espeak import Espeak

    held_out = Espeak().voices(held_out=True)
    assert all(one.voice in held_out for one in spoken)
    assert [bool(one.label) for one in spoken] == [True] * 6 + [False] * 3
    for one in spoken[:6]:
        meant = GRAMMAR.nearest(one.text)
        assert (meant.label, meant.slots, meant.cost) == (one.label, dict(one.slots), 0.0)
        assert 8_000 < len(as_heard(one, ORDER)) < 160_000


@needs_espeak
def test_noise_goes_on_where_nobody_speaks(spoken):
    """Before the command there is noise, quieter than the command by about what was asked for."""
    for one in spoken[:6]:
        sound = as_heard(one, ORDER).astype(np.float64)
        before = np.sqrt(np.mean(sound[:4_000] ** 2))
        loud = np.sqrt(np.mean(np.sort(sound**2)[-len(sound) // 4 :]))
        assert 8 < 20 * np.log10(loud / before) < 35


@needs_espeak
def test_what_is_there_is_not_said_again(spoken, folder):
    """A clip that is listed stays as it is; one that was lost comes back the same."""
    first = {one.path: one.path.read_bytes() for one in spoken}
    lines = (folder / "manifest.jsonl").read_text().splitlines()
    (folder / "manifest.jsonl").write_text("\n".join(lines[:-1]) + "\n")
    spoken[-1].path.unlink()
    again = speak_commands(GRAMMAR, ORDER, folder)
    assert {one.path: one.path.read_bytes() for one in again} == first


@needs_espeak
def test_a_score_counts_what_was_right_and_what_was_refused(spoken):
    """Somebody who understands everything, somebody who understands one thing, and nobody."""
    texts = iter([one.text for one in spoken])
    all_right = score("all", lambda sound: GRAMMAR.nearest(next(texts)), spoken, sound_of)
    assert (all_right.right, all_right.accepted, all_right.false_accepts) == (1.0, 1.0, 0.0)
    assert not all_right.mistakes
    one_thing = score("stop", lambda sound: GRAMMAR.nearest("stop"), spoken, sound_of)
    stops = sum(one.label == "stop" for one in spoken)
    assert one_thing.right == stops / 6
    assert one_thing.false_accepts == 1.0
    assert len(one_thing.mistakes) == 6 - stops
    nobody = score("nobody", lambda sound: None, spoken, sound_of)
    assert (nobody.right, nobody.false_accepts) == (0.0, 0.0)
    told = table([all_right, nobody]) + engine_table([all_right])
    assert "| all | 100.0 % of 6 |" in told
    assert "6 of 6" in told


@needs_espeak
def test_sayings_go_on_where_they_were(tmp_path):
    """Stopped in the middle, the rest comes, and all is as if it had come at once."""
    wanted = Sayings(5, ("espeak-ng",), ["My own words."], seed=3)
    assert make_sayings(Sayings(2, ("espeak-ng",), ["My own words."], seed=3), tmp_path / "a") == 2
    assert make_sayings(wanted, tmp_path / "a") == make_sayings(wanted, tmp_path / "b") == 5
    for name in sorted(p.name for p in (tmp_path / "b").iterdir()):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    listed = (tmp_path / "a" / "manifest.jsonl").read_text()
    rows = [json.loads(row) for row in listed.splitlines()]
    assert [row["number"] for row in rows] == list(range(5))
    assert len(read_sound(tmp_path / "a" / rows[0]["file"])) > 1_000


@needs_espeak
def test_the_command_line_counts_clips(tmp_path):
    """And an engine that there isn't is named."""
    made = CliRunner().invoke(
        cli,
        [
            "synth",
            "sayings",
            "--out",
            str(tmp_path),
            "--count",
            "2",
            "--engine",
            "espeak-ng",
            "--json",
        ],
    )
    assert json.loads(made.stdout) == {"clips": 2}
    wrong = CliRunner().invoke(
        cli, ["synth", "sayings", "--out", str(tmp_path), "--engine", "nobody"]
    )
    assert wrong.exit_code == 1
    assert "nobody" in str(wrong.exception)
