"""A real systemd where the machine has none as its first process: booted in namespaces of its own.

What it writes stays within: /etc is a copy, and what changes on a running machine lies in memory.
The installation under test is seen, read-only, in /srv, since a system service sees neither homes
nor /tmp. It ends with its first process, which takes everything in it along.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import wakeful.daemon.cli

PROGRAM = "/srv/wakeful/bin/wakeful"
_SYSTEMD = Path("/lib/systemd/systemd")
_UNSHARE = [
    *("unshare", "--fork", "--pid", "--mount", "--cgroup", "--ipc", "--uts", "--mount-proc"),
]
_BOOT = r"""
set -e
for folder in /run /tmp /var/tmp /var/log /var/lib /srv; do
    mkdir -p "$folder"
    [ "$folder" != /tmp ] || { mkdir /run/tmp; mount --bind /tmp /run/tmp; }
    mount -t tmpfs tmpfs "$folder"
done
cp -a /etc /run/etc && mount --bind /run/etc /etc
rm -f /etc/systemd/system/wakeful.service
seen() { mkdir -p "$2" && mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
under() { case "$1" in /tmp/*) echo "/run$1" ;; *) echo "$1" ;; esac; }
seen "$(under "$BASE")" /srv/python
seen "$(under "$SITE")" /srv/packages
for part in daemon models systemd; do
    seen "$(under "$PACKAGES/$part")" /srv/site/wakeful/$part
done
site=/srv/wakeful/lib/$PYTHON/site-packages
mkdir -p /srv/wakeful/bin "$site"
ln -s /srv/python/bin/$PYTHON /srv/wakeful/bin/python
echo "home = /srv/python/bin" >/srv/wakeful/pyvenv.cfg
printf '%s\n' /srv/site 'import site; site.addsitedir("/srv/packages")' >"$site/seen.pth"
printf '%s\n' '#!/srv/wakeful/bin/python' 'from wakeful.daemon.cli import main' 'main()' \
    >/srv/wakeful/bin/wakeful
chmod 755 /srv/wakeful/bin/wakeful
umount /run/tmp
exec /lib/systemd/systemd --system --unit=basic.target
"""


@dataclass(frozen=True)
class Booted:
    """A running systemd, its first process seen from outside."""

    pid: int

    def run(self, *command: str, check: bool = True, given: bytes = b"") -> str:
        """Run something within; what it says, on both outputs."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.pid), "-a", *command],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        said = done.stdout.decode(errors="replace")
        assert not check or done.returncode == 0, f"{command}: {said}\n{self.log()}"
        return said

    def write(self, path: str, content: str | bytes) -> None:
        """A file within, readable by everybody, put in its place whole."""
        given = content if isinstance(content, bytes) else content.encode()
        script = 'mkdir -p "$(dirname "$1")" && cat >"$1~" && mv "$1~" "$1"'
        self.run("sh", "-c", script, "sh", path, given=given)

    def show(self, *properties: str) -> list[str]:
        """Properties of our unit, in the order in which they are asked for."""
        said = self.run("systemctl", "show", "wakeful", *(f"--property={p}" for p in properties))
        found = dict(line.split("=", 1) for line in said.splitlines())
        return [found[p] for p in properties]

    def wait_for(self, what: str, wanted: str, timeout_s: float = 30.0) -> float:
        """Wait until a property begins so; how long that took, in seconds."""
        began = time.monotonic()
        while not (found := self.show(what)[0]).startswith(wanted):
            took_s = time.monotonic() - began
            assert took_s < timeout_s, f"{what} is {found!r}, not {wanted!r}\n{self.log()}"
            time.sleep(0.05)
        return time.monotonic() - began

    def log(self) -> str:
        """What our unit has said so far."""
        return self.run("journalctl", "-u", "wakeful", "--no-pager", "-o", "cat", check=False)

    def wait_for_line(self, wanted: str, after: int, timeout_s: float = 30.0) -> str:
        """Wait until our unit has said something, not counting its first `after` characters."""
        began = time.monotonic()
        while wanted not in (said := self.log()[after:]):
            assert time.monotonic() - began < timeout_s, f"{wanted!r} was not said: {said}"
            time.sleep(0.05)
        return said


def missing() -> str:
    """Why none can be booted here; empty when it can."""
    if not _SYSTEMD.exists() or not shutil.which("systemctl"):
        return "systemd is not installed (apt install systemd)"
    if os.geteuid() != 0:
        return "only root can boot a systemd in namespaces of its own"
    tried = subprocess.run(
        [*_UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/srv"],
        capture_output=True,
        check=False,
    )
    return "namespaces can't be made here: " + tried.stderr.decode() if tried.returncode else ""


@contextmanager
def booted(log: Path) -> Iterator[Booted]:
    """Boot one; it has ended, with all that ran in it, when the context has."""
    packages = Path(wakeful.daemon.cli.__file__).parents[1]
    environment = os.environ | {
        "BASE": sys.base_prefix,
        "SITE": sysconfig.get_path("purelib"),
        "PACKAGES": str(packages),
        "PYTHON": f"python{sys.version_info.major}.{sys.version_info.minor}",
    }
    with log.open("wb") as out:
        outer = subprocess.Popen(
            [*_UNSHARE, "sh", "-c", _BOOT],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        inner = _first_process(outer, log)
        try:
            yield _once_up(Booted(inner), log)
        finally:
            os.kill(inner, signal.SIGKILL)
    finally:
        outer.wait(timeout=20)


def _first_process(outer: subprocess.Popen[bytes], log: Path) -> int:
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert outer.poll() is None, log.read_text()
        if found := children.read_text().split():
            return int(found[0])
        time.sleep(0.02)
    raise TimeoutError("nothing was started in the namespaces")


def _once_up(machine: Booted, log: Path) -> Booted:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        state = machine.run("systemctl", "is-system-running", check=False).strip()
        if state in {"running", "degraded"}:
            return machine
        time.sleep(0.1)
    raise TimeoutError(f"systemd did not come up: {state}; {log.read_text()}")
