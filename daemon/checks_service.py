"""Checks of the daemon itself: its sockets, whether it answers, and what systemd thinks of it."""

from __future__ import annotations

import getpass
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .finding import Case, Finding

if TYPE_CHECKING:
    from .endpoints import Endpoint

UNIT = "wakeful.service"
_BOOTED = Path("/run/systemd/system")
_LINGER = Path("/var/lib/systemd/linger")
_START = "wakeful daemon, or  wakeful service install --user"


def check_sockets(case: Case) -> Iterator[Finding]:
    """Where they are, who may connect, and whether somebody answers."""
    from .endpoints import to_connect

    bus = case.settings.bus
    events, control = to_connect(bus, "events"), to_connect(bus, "control")
    for name, endpoint in (("events", events), ("control", control)):
        if endpoint:
            yield _rights(name, endpoint)
    if control:
        yield from _answer(case)
    else:
        yield Finding("daemon", "warning", "none runs", f"start it: {_START}")


def _rights(name: str, endpoint: Endpoint) -> Finding:
    check = f"socket {name}"
    if endpoint.path is None:
        return Finding(check, "ok", endpoint.text)
    try:
        mode = stat.S_IMODE(endpoint.path.stat().st_mode)
    except OSError as error:
        return Finding(check, "failed", f"{endpoint.path}: {error.strerror}", "is it yours?")
    if mode & 0o077:
        text = f"{endpoint.path} has mode {mode:04o}: others may listen in"
        return Finding(check, "failed", text, f"chmod 600 {endpoint.path}, restart the daemon")
    return Finding(check, "ok", f"{endpoint.path}, mode {mode:04o}")


def _answer(case: Case) -> Iterator[Finding]:
    from .caller import Caller
    from .requests import AskStatus, Status

    with Caller(case.settings.bus) as caller:
        status = caller.ask(AskStatus())
    assert isinstance(status, Status)
    if status.lost:
        advice = "see the lines microphone and level"
        yield Finding("daemon", "failed", "runs, but has no microphone", advice)
    elif status.muted:
        yield Finding("daemon", "warning", "runs, muted", "wakeful ctl unmute")
    else:
        text = f"runs as process {status.pid}: {status.heard_s:.0f} s heard, {status.wakes} wakes"
        yield Finding("daemon", "ok", text)


def check_systemd(_case: Case) -> Iterator[Finding]:
    """The units, the system's and the user's: installed, and running?"""
    if not _BOOTED.is_dir() or not shutil.which("systemctl"):
        yield Finding("systemd", "skipped", "this machine was not started by systemd")
        return
    states = {scope: _unit_state(scope) for scope in ("--user", "--system")}
    installed = {scope: state for scope, state in states.items() if state}
    if not installed:
        yield Finding("systemd", "warning", "no unit", "wakeful service install --user")
    for scope, state in installed.items():
        yield _judge_unit(scope, state)
    if "--user" in installed:
        yield _lingering(getpass.getuser())


def _unit_state(scope: str) -> str:
    """As systemd says it: active, failed, inactive; empty where there is no such unit."""
    words = ["systemctl", scope, "show", UNIT, "--property=LoadState,ActiveState"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=5, check=False)
    except subprocess.TimeoutExpired:
        return ""
    facts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    return facts.get("ActiveState", "") if facts.get("LoadState") == "loaded" else ""


def _judge_unit(scope: str, state: str) -> Finding:
    check = f"systemd {scope}"
    if state in {"active", "reloading"}:
        return Finding(check, "ok", f"{UNIT} is {state}")
    logs = f"wakeful service logs{' --user' if scope == '--user' else ''}"
    if state == "failed":
        return Finding(check, "failed", f"{UNIT} has failed", logs)
    return Finding(check, "warning", f"{UNIT} is {state}", f"systemctl {scope} start {UNIT}")


def _lingering(user: str) -> Finding:
    if (_LINGER / user).exists():
        return Finding("lingering", "ok", f"{user}'s services start with the machine")
    text = f"{user}'s services run only while {user} is logged in"
    return Finding("lingering", "warning", text, "loginctl enable-linger, if that is not wanted")
