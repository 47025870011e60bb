"""One key of a file is set; every other line stays as somebody wrote it."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.config import ConfigError, load, merged
from wakeful.daemon.config_edit import ConfigEditError, set_value, with_value

KEYS = ("detector", "thresholds", "activate")
WAYS = [
    "",
    "# mine\nmodels = ['activate']  # one\n",
    "[detector]\n# why\nsmooth_steps = 3\n\n[gate]\nsleep = true\n",
    "[gate]\nsleep = true\n[detector] # here\n",
    "[detector.thresholds]\nactivate = 0.7 # anna's\nother = 0.4\n",
    "[detector.thresholds]\nother = 0.4\n[audio]\ndevice = 'activate = 3'\n",
    "[detector]\nthresholds = { other = 0.4, activate = 0.5 }\nsmooth_steps = 2\n",
    "[detector]\nthresholds = { other = 0.4 }  # both\n",
    "[detector]\nthresholds = {}\n",
    "[detector]\nthresholds.activate = 0.3\n",
    "detector.thresholds.activate = 0.3\nmodels = ['x']\n",
    "detector.threshold = 0.3\nmodels = ['x']\n",
    "detector = { threshold = 0.5 }\n",
    "[detector]",
    "[gate]\r\nsleep = true\r\n",
    '[audio]\ndevice = """\n[detector]\n"""\n',
    "['detector']\nsmooth_steps = 2\n",
]


@pytest.mark.parametrize("text", WAYS, ids=repr)
def test_the_tree_has_the_key_and_the_lines_stay(text):
    """However the file writes its tables, one line at most is changed, and nothing else."""
    changed = with_value(text, KEYS, 0.62)
    assert changed is not None
    wanted = merged(tomllib.loads(text), {"detector": {"thresholds": {"activate": 0.62}}})
    assert tomllib.loads(changed) == wanted
    before, after = text.splitlines(), changed.splitlines()
    assert sum(line not in after for line in before) <= 1
    for line in before:
        _, sign, comment = line.partition("#")
        assert sign + comment in changed


names = st.text(min_size=1, max_size=8).filter(
    lambda t: not any("\ud800" <= c <= "\udfff" for c in t)
)


@given(st.sampled_from(WAYS), names, st.floats(0.01, 0.99))
def test_any_name_can_be_set_and_set_again(text, name, value):
    """A model may be called anything a file may; setting it twice leaves one line."""
    keys = ("detector", "thresholds", name)
    once = with_value(text, keys, 0.5)
    assert once is not None
    twice = with_value(once, keys, value)
    if twice is not None:
        assert tomllib.loads(twice)["detector"]["thresholds"][name] == value
        assert len(twice.splitlines()) == len(once.splitlines())


def test_a_new_file_is_made_with_its_folder(tmp_path):
    """And what was set is in force; a flag for all models still wins."""
    path = tmp_path / "wakeful" / "wakeful.toml"
    set_value(path, KEYS, 0.62)
    assert load(path).detector.thresholds == {"activate": 0.62}
    overruled = load(path, {"detector": {"threshold": 0.9}}).detector
    assert (overruled.threshold, overruled.thresholds) == (0.9, {})


def test_a_link_stays_a_link_and_rights_stay(tmp_path):
    """Who keeps the file elsewhere finds it changed there."""
    real, link = tmp_path / "real.toml", tmp_path / "wakeful.toml"
    real.write_text("models = ['x']\n")
    real.chmod(0o640)
    link.symlink_to(real)
    set_value(link, KEYS, 0.62)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert load(real).detector.thresholds == {"activate": 0.62}
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_what_cannot_be_written_is_one_line_with_what_to_do(tmp_path):
    """A folder that is a file: the line names the key to set by hand, and nothing is changed."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigEditError, match=r"detector\.thresholds\.activate = 0\.62"):
        set_value(tmp_path / "file" / "wakeful.toml", KEYS, 0.62)


def test_a_wrong_file_is_not_touched(tmp_path):
    """What was wrong before is told, not mended and not overwritten."""
    path = tmp_path / "wakeful.toml"
    path.write_text("modles = ['x']\n")
    with pytest.raises(ConfigError, match="modles"):
        set_value(path, KEYS, 0.62)
    assert path.read_text() == "modles = ['x']\n"
