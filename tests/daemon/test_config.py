"""The configuration: what is shown loads to the same, and every slip is named with its key."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon import settings as tree
from wakeful.daemon.config import ConfigError, config_path, find_slip, load, read
from wakeful.daemon.config_text import as_toml


def numbers(low, high):
    """Floats within a field's bounds."""
    return st.floats(low, high, allow_nan=False)


any_settings = st.builds(
    tree.Settings,
    models=st.lists(st.text(max_size=20), min_size=1, max_size=4),
    audio=st.builds(
        tree.AudioSettings,
        input=st.text(min_size=1, max_size=20),
        device=st.text(),
        ring_s=numbers(5, 600),
    ),
    gate=st.builds(
        tree.GateSettings,
        sleep=st.booleans(),
        strictness=st.integers(0, 3),
        before_s=numbers(0.2, 5),
        quiet_dbfs=numbers(-100, -30),
    ),
    detector=st.builds(
        tree.DetectorSettings,
        threshold=st.none() | st.floats(0.001, 0.999),
        smooth_steps=st.none() | st.integers(1, 50),
    ),
    segment=st.builds(tree.SegmentSettings, longest_s=numbers(1, 120)),
)


@given(any_settings)
def test_what_is_shown_loads_to_the_same(tmp_path_factory, effective):
    """`config show` prints a file that loads to the very tree it shows, whatever is in it."""
    path = tmp_path_factory.mktemp("config") / "wakeful.toml"
    path.write_text(as_toml(effective), encoding="utf-8", newline="")
    assert load(path) == effective


def test_every_field_has_a_line_of_help():
    """No setting is shown without saying what it is for."""
    lines = as_toml(tree.Settings()).splitlines()
    for number, line in enumerate(lines):
        if " =" in line:
            assert re.match("# .{10,}", lines[number - 1]), line


def test_file_then_flags(tmp_path):
    """The file wins over what is built in, flags win over the file, what neither names stays."""
    path = tmp_path / "a.toml"
    path.write_text("models = ['x']\n[gate]\nstrictness = 3\nhang_over_s = 2\n")
    effective = load(path, {"gate": {"strictness": 0}, "detector": {"threshold": 0.9}})
    assert effective.models == ["x"]
    assert effective.gate == tree.GateSettings(strictness=0, hang_over_s=2.0)
    assert effective.detector.threshold == 0.9
    assert effective.segment == tree.SegmentSettings()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("modles = ['x']", ["modles", "did you mean models?"]),
        ("[gate]\nstrictnes = 1", ["gate.strictnes", "did you mean strictness?"]),
        ("[gate]\nzzzz = 1", ["gate.zzzz", "there are", "hang_over_s"]),
        ("[gaet]\nstrictness = 1", ["gaet", "did you mean gate?"]),
        ("gate = 3", ["gate", "table", "[gate]"]),
        ("[gate]\nstrictness = 7", ["gate.strictness", "<= 3"]),
        ("[gate]\nstrictness = 'high'", ["gate.strictness", "int"]),
        ("[detector]\nthreshold = 1.5", ["detector.threshold", "< 1"]),
        ("models = []", ["models", "length >= 1"]),
        ("models = [3]", ["models[0]", "str"]),
        ("[gate\nstrictness = 1", ["line 1", "column"]),
        ("[gate]\nstrictness 1", ["line 2"]),
    ],
)
def test_slips_are_named(tmp_path, text, parts):
    """An unknown key, a wrong type, a value out of range, bad TOML: file and key are named."""
    path = tmp_path / "wakeful.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(path)
    line = str(error.value)
    assert "\n" not in line
    assert str(path) in line
    assert all(part in line for part in parts), line
    assert error.value.exit_code == 2


def test_a_bad_flag_is_named():
    """What a flag brings is checked like the file."""
    with pytest.raises(ConfigError, match="command line"):
        load(None, {"detector": {"threshold": 2.0}})


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a = '\x00'"])
def test_what_is_no_text_is_told(tmp_path, content):
    """Bytes that are no TOML text are one line, too."""
    path = tmp_path / "wakeful.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        read(path)
    assert "\n" not in str(error.value)


def test_a_named_file_must_be_there(tmp_path):
    """A file that was asked for and is missing is an error, not the defaults."""
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="directory"):
        load(tmp_path)


def test_where_it_is_looked_for(tmp_path, monkeypatch):
    """The variable wins over the user's file, and the user's over the machine's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("WAKEFUL_CONFIG", raising=False)
    mine = tmp_path / "wakeful" / "wakeful.toml"
    assert config_path() != mine
    mine.parent.mkdir()
    mine.write_text("")
    assert config_path() == mine
    monkeypatch.setenv("WAKEFUL_CONFIG", "/elsewhere.toml")
    assert str(config_path()) == "/elsewhere.toml"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=10,
    )
)
def test_any_tree_is_loaded_or_refused(value):
    """Whatever TOML may hold is either settings or a slip that names the key, nothing else."""
    slip = find_slip({"gate": value})
    if slip is None:
        effective = msgspec.convert({"gate": value}, tree.Settings)
        assert isinstance(msgspec.to_builtins(effective), dict)
    else:
        assert slip.keys[0] == "gate"
        assert slip.what


def test_the_line_of_a_slip_is_named(tmp_path):
    """Where a key stands in the file is said with it."""
    path = tmp_path / "wakeful.toml"
    path.write_text("models = ['x']\n\n[gate]\nsleep = true\nstrictnes = 2\n")
    with pytest.raises(ConfigError, match=r"line 5: gate\.strictnes"):
        load(path)
