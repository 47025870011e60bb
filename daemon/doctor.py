"""The examination: every check in its order, and what it says as lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from . import checks_machine, checks_models, checks_service, checks_sound
from .config import ConfigError, load
from .finding import Case, Check, Finding, State, examine
from .settings import Settings

CHECKS: dict[str, Check] = {
    "configuration": checks_models.check_configuration,
    "models": checks_models.check_models,
    "voices": checks_models.check_together,
    "extras": checks_models.check_extras,
    "portaudio": checks_sound.check_portaudio,
    "microphone": checks_sound.check_microphones,
    "level": checks_sound.check_level,
    "permissions": checks_machine.check_permissions,
    "cpu": checks_machine.check_cpu,
    "memory": checks_machine.check_memory,
    "clock": checks_machine.check_clock,
    "daemon": checks_service.check_sockets,
    "systemd": checks_service.check_systemd,
}
_MARKS: dict[State, tuple[str, str]] = {
    "ok": ("ok", "green"),
    "warning": ("warning", "yellow"),
    "failed": ("FAILED", "red"),
    "skipped": ("-", "bright_black"),
}
_WIDTH = 18
_NEED_MODELS = {"voices", "cpu"}
"""What a broken model would make fail too, which has been said by then."""


def case_of(config: str | None) -> Case:
    """What is to be examined; with a wrong configuration everything else, as it is built in."""
    try:
        return Case(load(config), config)
    except ConfigError:
        return Case(Settings(), config)


def examination(case: Case) -> Iterator[Finding]:
    """All findings, each as soon as it is made."""
    can_hear = True
    for name, check in CHECKS.items():
        if name in _NEED_MODELS and not can_hear:
            continue
        for finding in examine(name, check, case):
            can_hear &= name != "models" or finding.state != "failed"
            yield finding


def as_line(finding: Finding) -> str:
    """One finding for a person, in colours; what to do stands below it."""
    import click

    from .printable import printable

    mark, colour = _MARKS[finding.state]
    name = f"{printable(finding.check):{_WIDTH}}"
    line = f"{click.style(f'{mark:8}', fg=colour)} {name} {printable(finding.text)}"
    if finding.advice:
        line += f"\n{'':9}{'':{_WIDTH}} -> {printable(finding.advice)}"
    return line


def has_failed(findings: list[Finding]) -> bool:
    """Whether something must be mended before it can work."""
    return any(finding.state == "failed" for finding in findings)
