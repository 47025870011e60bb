"""Reading the configuration: built-in, then the file, then flags, and a named error for each slip.

The file is TOML: ``$WAKEFUL_CONFIG``, else ``~/.config/wakeful/wakeful.toml``, else
``/etc/wakeful/wakeful.toml``; the first that exists is the only one that counts.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ..models.errors import UsageError
from .config_text import Keys, Tree, line_of
from .settings import Branch, Settings


class ConfigError(UsageError):
    """The configuration is wrong: one line says which file, which key, and what it may be."""


@dataclass(frozen=True)
class Slip:
    """What is wrong with a tree, and at which key; `index` where it is in an array, as ``[0]``."""

    keys: Keys
    what: str
    index: str = ""

    def __str__(self) -> str:
        return f"{'.'.join(self.keys)}{self.index}: {self.what}"


def default_paths() -> list[Path]:
    """Where a configuration file is looked for, in order."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser()
    return [Path(home, "wakeful", "wakeful.toml"), Path("/etc/wakeful/wakeful.toml")]


def config_path(named: str | os.PathLike[str] | None = None) -> Path | None:
    """The file that counts, if there is one; one that is named must be there."""
    named = named or os.environ.get("WAKEFUL_CONFIG")
    if named:
        return Path(named)
    return next((path for path in default_paths() if path.is_file()), None)


def load(named: str | os.PathLike[str] | None = None, flags: Tree | None = None) -> Settings:
    """The effective settings; `flags` is a partial tree that wins over the file.

    Raises `ConfigError`.
    """
    path = config_path(named)
    tree = merged(_overruled(read(path) if path else {}, flags or {}), flags or {})
    # The file alone was right, so that what is wrong now was said on the command line.
    if slip := find_slip(tree):
        raise ConfigError(f"command line: {slip}")
    return msgspec.convert(tree, Settings)


def _overruled(tree: Tree, flags: Tree) -> Tree:
    """The file without its thresholds of single models, if a flag sets one for all of them."""
    if "threshold" not in flags.get("detector", {}) or "detector" not in tree:
        return tree
    kept = {key: value for key, value in tree["detector"].items() if key != "thresholds"}
    return tree | {"detector": kept}


def read(path: Path) -> Tree:
    """A file's tree, every key and value in it checked; raises `ConfigError`."""
    text = _text(path)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"config {path}: {_lower_first(str(error))}") from error
    if slip := find_slip(tree):
        line = line_of(text, slip.keys)
        raise ConfigError(f"config {path}{f', line {line}' if line else ''}: {slip}")
    return tree


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"config {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"config {path}: is not UTF-8 text (byte {error.start})") from error


def merged(tree: Tree, over: Tree) -> Tree:
    """Both trees; where they meet, `over` wins."""
    result = dict(tree)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]
    return result


def find_slip(tree: Tree) -> Slip | None:
    """The first thing that keeps a tree from being `Settings`, if there is one."""
    if slip := _unknown_key(tree, Settings, ()):
        return slip
    try:
        msgspec.convert(tree, Settings)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$.")
        path, bracket, index = at.rstrip("`").partition("[")
        return Slip(tuple(path.split(".")), _in_toml_words(what), bracket + index)
    return None


def _unknown_key(tree: Tree, branch: type[Branch], above: Keys) -> Slip | None:
    known = {field.name: field.type for field in msgspec.structs.fields(branch)}
    for key, value in tree.items():
        keys = (*above, key)
        if key not in known:
            return Slip(keys, f"unknown key{_nearest(key, known)}")
        inner = known[key]
        if isinstance(inner, type) and issubclass(inner, Branch):
            if not isinstance(value, dict):
                return Slip(keys, f"is a table, as in  [{'.'.join(keys)}]")
            if slip := _unknown_key(value, inner, keys):
                return slip
    return None


def _nearest(key: str, known: dict[str, Any]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(known)}"


def _in_toml_words(text: str) -> str:
    """What msgspec says, in the words of TOML, which has tables and knows no null."""
    return _lower_first(text.replace(" | null", "").replace("`object`", "a table"))


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
