"""``wakeful service``: put the daemon into systemd's hands, take it out, and look how it is."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click

from ..models.errors import WakefulError
from ..models.whole_file import write_whole
from .units import NAME, File, UnitError, program, system_files, user_files

_USER = click.option(
    "--user", "for_user", is_flag=True, help="Yours alone, beside your desktop's sound server."
)
_DRY = click.option("--dry-run", is_flag=True, help="Only print what would be done.")


class ServiceError(WakefulError):
    """Systemd isn't there, or it or the machine said no."""


@click.group()
def service() -> None:
    """Have systemd run the daemon: from boot or login on, again after a crash, watched.

    \b
    On a desktop:           wakeful service install --user
    On a machine without:   sudo wakeful service install
    How is it?              wakeful service status --user
    """


@service.command()
@_USER
@_DRY
@click.option("--start/--no-start", default=True, help="Start it now (default), or at next boot.")
def install(for_user: bool, dry_run: bool, start: bool) -> None:
    """Put the units in place, for this installation of wakeful, and start the daemon.

    \b
    wakeful service install --user
    wakeful service install --user --dry-run      (what it would write and run)
    """
    files = user_files(program()) if for_user else system_files(program())
    commands = [] if for_user else [["systemd-sysusers"], ["systemd-tmpfiles", "--create"]]
    for command, file in zip(commands, files[1:], strict=True):
        command.append(str(file.path))
    systemctl = _systemctl(for_user)
    commands += [[*systemctl, "daemon-reload"], [*systemctl, "enable", NAME]]
    if start:
        # Another version may be running.
        commands.append([*systemctl, "restart", NAME])
    if dry_run:
        _show(files, commands)
        return
    _check(for_user)
    for file in files:
        _write(file)
    for command in commands:
        _run(command)
    click.echo(f"installed: {files[0].path}")
    user = " --user" if for_user else ""
    click.echo(f"how it is: wakeful service status{user}; its log: wakeful service logs{user}")


@service.command()
@_USER
@_DRY
def uninstall(for_user: bool, dry_run: bool) -> None:
    """Stop the daemon and remove its units; settings and recordings stay.

    \b
    wakeful service uninstall --user
    """
    files = user_files(program()) if for_user else system_files(program())
    systemctl = _systemctl(for_user)
    before = [*systemctl, "disable", "--now", NAME]
    after = [*systemctl, "daemon-reload"]
    if dry_run:
        click.echo("\n".join([shlex.join(before), *(f"rm {f.path}" for f in files)]))
        click.echo(shlex.join(after))
        return
    _check(for_user)
    if not files[0].path.exists():
        raise ServiceError(f"{files[0].path}: isn't there, so nothing is installed")
    _run(before)
    for file in files:
        file.path.unlink(missing_ok=True)
    _run(after)
    click.echo(f"removed: {files[0].path}")


@service.command()
@_USER
def status(for_user: bool) -> None:
    """Show what systemd knows of it; exits as `systemctl status` does: 0 while it runs.

    \b
    wakeful service status --user
    """
    _hand_over([*_systemctl(for_user), "status", "--no-pager", NAME])


@service.command()
@_USER
@click.option("--follow", "-f", is_flag=True, help="Go on as lines come.")
@click.option("--lines", "-n", type=click.IntRange(1), default=50, help="How many (default: 50).")
def logs(for_user: bool, follow: bool, lines: int) -> None:
    """Show its log.

    \b
    wakeful service logs --user --follow
    """
    command = ["journalctl", *(["--user"] if for_user else []), "--unit", NAME, f"--lines={lines}"]
    _hand_over([*command, "--follow"] if follow else [*command, "--no-pager"])


def _systemctl(for_user: bool) -> list[str]:
    return ["systemctl", "--user"] if for_user else ["systemctl"]


def _check(for_user: bool) -> None:
    """Whether systemd runs and will listen to us; raises `ServiceError`."""
    if not shutil.which("systemctl") or not Path("/run/systemd/system").is_dir():
        raise ServiceError("systemd doesn't run this machine; start  wakeful daemon  by what does")
    if for_user:
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        if not runtime or not Path(runtime, "systemd").is_dir():
            raise ServiceError(
                "your systemd isn't running: log in as yourself, not by su or sudo; "
                "without a login:  sudo loginctl enable-linger $USER"
            )
    elif os.geteuid() != 0:
        raise ServiceError(
            "only root installs for the whole machine: use sudo, or, for yourself alone, "
            "wakeful service install --user"
        )


def _write(file: File) -> None:
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file.path, file.content.encode())
    except OSError as error:
        raise UnitError(f"{file.path}: can't be written: {error.strerror}") from error


def _run(command: list[str]) -> None:
    done = _started(command, capture_output=True)
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        reason = f": {said[0]}" if said else ""
        raise ServiceError(f"{shlex.join(command)} failed{reason}; see  wakeful service logs")


def _hand_over(command: list[str]) -> None:
    sys.stdout.flush()
    sys.exit(_started(command).returncode)


def _started(
    command: list[str], capture_output: bool = False
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, capture_output=capture_output, check=False)
    except FileNotFoundError as error:
        raise ServiceError(f"{command[0]} isn't there: this machine has no systemd") from error


def _show(files: list[File], commands: list[list[str]]) -> None:
    for file in files:
        click.echo(f"# {file.path}\n{file.content}")
    for command in commands:
        click.echo(shlex.join(command))
