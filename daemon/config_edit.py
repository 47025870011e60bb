"""One key of a configuration file set, all other lines left as somebody wrote them.

TOML has many ways to write the same tree. Each way to set the key is tried on the text, and the
first is taken that a parser reads as the old tree with that one key in it, and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from ..models.errors import WakefulError
from .config import merged, read
from .config_text import Keys, Tree, line_of, toml, toml_key
from .own_file import write_own


class ConfigEditError(WakefulError):
    """The file can't be changed; the line says what to write by hand."""


def set_value(path: Path, keys: Keys, value: float) -> None:
    """Set a number in a file, or begin the file with it; the file is replaced whole or not at all.

    Raises `ConfigError` for a file that is wrong already, `ConfigEditError` if it can't be changed.
    """
    exists = path.exists()
    if exists:
        read(path)
    text = path.read_bytes().decode() if exists else ""
    changed = with_value(text, keys, value)
    if changed is None:
        raise ConfigEditError(
            f"config {path}: can't be changed line by line; set {dotted(keys)} = {value} in it"
        )
    # What a link points to is replaced, not the link.
    try:
        write_own(
            path.resolve(), changed.encode(), path.stat().st_mode & 0o777 if exists else 0o644
        )
    except OSError as error:
        raise ConfigEditError(
            f"config {path}: {error.strerror}; set {dotted(keys)} = {value} in it, "
            "or copy it to where you may write and name that with --config"
        ) from error
    read(path)


def dotted(keys: Keys) -> str:
    """A key as it may stand at the top of a file."""
    return ".".join(map(toml_key, keys))


def with_value(text: str, keys: Keys, value: float) -> str | None:
    """The text with a number set; None where no single line does it."""
    wanted = merged(tomllib.loads(text), _tree(keys, value))
    for changed in _ways(text, keys, toml(value)):
        try:
            if tomllib.loads(changed) == wanted:
                return changed
        except tomllib.TOMLDecodeError:
            continue
    return None


def _tree(keys: Keys, value: object) -> Tree:
    for key in reversed(keys):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def _ways(text: str, keys: Keys, value: str) -> Iterator[str]:
    """The text changed in every way we know, those that change least first."""
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    last = toml_key(keys[-1])
    at = line_of(text, keys)
    if at:
        yield from _replaced(lines, at - 1, keys[-1], value)
    for depth in range(len(keys) - 1, 0, -1):
        setting = f"{dotted(keys[depth:])} = {value}"
        if table := line_of(text, keys[:depth]):
            for changed in _into_inline_table(lines[table - 1], setting):
                yield _with_line(lines, table - 1, changed)
        for number, line in enumerate(lines):
            if _is_header(line, keys[:depth]):
                begun = line if line.endswith("\n") else line + end
                yield _with_line(lines, number, begun + setting + end)
    closed = text if not text or text.endswith("\n") else text + end
    gap = end if closed else ""
    yield f"{closed}{gap}[{dotted(keys[:-1])}]{end}{last} = {value}{end}"
    yield f"{dotted(keys)} = {value}{end}{text}"


def _replaced(lines: list[str], number: int, key: str, value: str) -> Iterator[str]:
    """The number behind the key, wherever in its line the key stands."""
    pattern = rf"((?:{re.escape(key)}|{re.escape(toml_key(key))})[\"']?\s*=\s*)[-+\w.]+"
    for found in re.finditer(pattern, lines[number]):
        line = lines[number]
        yield _with_line(
            lines, number, line[: found.start()] + found[1] + value + line[found.end() :]
        )


def _into_inline_table(line: str, setting: str) -> Iterator[str]:
    for found in re.finditer(r"\{\s*(?P<empty>\})?", line):
        behind = " }" if found["empty"] else ", "
        yield f"{line[: found.start()]}{{ {setting}{behind}{line[found.end() :]}"


def _is_header(line: str, keys: Keys) -> bool:
    """Whether a line begins this very table; it may stand in a string, which the parser tells."""
    found = re.match(r"\s*(\[[^\[].*?\])\s*(#.*)?$", line)
    try:
        return bool(found) and tomllib.loads(found[1]) == _tree(keys, {})  # type: ignore[index]
    except tomllib.TOMLDecodeError:
        return False


def _with_line(lines: list[str], number: int, line: str) -> str:
    return "".join([*lines[:number], line, *lines[number + 1 :]])
