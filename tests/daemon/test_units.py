"""What `wakeful service` puts in place: this installation's path, for whom, and what it refuses."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon import units

WAKEFUL = Path(sys.executable).with_name("wakeful")


def service(*words, **environment):
    """Run `wakeful service`: its code, what it said, and on which output."""
    return subprocess.run(
        [WAKEFUL, "service", *words],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_dry_run_says_everything_and_does_nothing(tmp_path):
    """The unit with this installation's path, and each command; no file is written."""
    done = service("install", "--user", "--dry-run", XDG_CONFIG_HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"# {tmp_path}/systemd/user/wakeful.service\n" in done.stdout
    assert f"\nExecStart={WAKEFUL} daemon\n" in done.stdout
    assert done.stdout.splitlines()[-3:] == [
        f"systemctl --user {rest}"
        for rest in ("daemon-reload", "enable wakeful.service", "restart wakeful.service")
    ]
    assert not list(tmp_path.iterdir())
    gone = service("uninstall", "--user", "--dry-run", XDG_CONFIG_HOME=str(tmp_path))
    assert f"rm {tmp_path}/systemd/user/wakeful.service" in gone.stdout


def test_without_systemd_it_is_one_line(tmp_path):
    """No systemctl, or no session of one's own: what is missing and what to do instead."""
    done = service("install", "--user", XDG_RUNTIME_DIR="", PATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "wakeful daemon" in done.stderr
    asked = service("status", PATH=str(tmp_path))
    assert (asked.returncode, asked.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("hidden", ["/home/anna/bin/wakeful", "/root/x/wakeful", "/tmp/w/wakeful"])
def test_the_system_cannot_run_what_it_cannot_see(hidden):
    """The unit hides homes and /tmp: an installation there is refused, with two ways out."""
    with pytest.raises(units.UnitError, match="--user") as refused:
        units.system_files(Path(hidden))
    assert "/opt" in str(refused.value)


def test_for_the_system_there_are_a_unit_a_user_and_folders(tmp_path, monkeypatch):
    """Three files, where systemd looks for them; the path is the only thing that is filled in."""
    monkeypatch.setattr(sys, "executable", "/opt/wakeful/bin/python")
    unit, user, folders = units.system_files(Path("/opt/wakeful/bin/wakeful"), tmp_path)
    assert unit.path == tmp_path / "etc/systemd/system/wakeful.service"
    assert (user.path.parent.name, folders.path.parent.name) == ("sysusers.d", "tmpfiles.d")
    shipped = (units.SHIPPED / "wakeful.service").read_text().splitlines()
    changed = [line for line in unit.content.splitlines() if line not in shipped]
    assert changed == ["ExecStart=/opt/wakeful/bin/wakeful daemon"]


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), min_size=1))
def test_any_path_is_one_word(name):
    """Spaces, quotes, per cents and backslashes: systemd reads the path that was meant."""
    path = f"/opt/{name}/wakeful"
    word = units.quoted(path)
    assert word.replace("%%", "").count("%") == 0
    assert shlex.split(word.replace("%%", "%")) == [path]
