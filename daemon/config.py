"""Reading the configuration: built-in, then the file, then flags, and a named error for each slip.

The file is TOML: ``$WAKEFUL_CONFIG``, else ``~/.config/wakeful/wakeful.toml``, else
``/etc/wakeful/wakeful.toml``; the first that exists is the only one that counts.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec

from ..models.errors import UsageError
from .settings import Branch, Settings

Tree = dict[str, Any]


class ConfigError(UsageError):
    """The configuration is wrong: one line says which file, which key, and what it may be."""


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
    tree = read_tree(path) if path else {}
    check_keys(tree, Settings, str(path))
    settings(tree, str(path))
    return settings(merged(tree, flags or {}), "command line")


def read_tree(path: Path) -> Tree:
    """A file's tree, unchecked; raises `ConfigError` where it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"config {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"config {path}: is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"config {path}: {_lower_first(str(error))}") from error


def merged(tree: Tree, over: Tree) -> Tree:
    """Both trees; where they meet, `over` wins."""
    result = dict(tree)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]
    return result


def settings(tree: Tree, where: str) -> Settings:
    """A tree as `Settings`; raises `ConfigError` with the key's dotted path and what it may be."""
    try:
        return msgspec.convert(tree, Settings)
    except msgspec.ValidationError as error:
        text, _, at = str(error).partition(" - at `$.")
        key = at.rstrip("`") or "the whole"
        raise ConfigError(f"config {where}: {key}: {_lower_first(text)}") from error


def check_keys(tree: Tree, branch: type[Branch], where: str, above: str = "") -> None:
    """Every key must be known; for one that isn't, the nearest right one is named."""
    known = {field.name: field.type for field in msgspec.structs.fields(branch)}
    for key, value in tree.items():
        if key not in known:
            raise ConfigError(f"config {where}: {above}{key}: unknown key{_nearest(key, known)}")
        inner = known[key]
        if isinstance(inner, type) and issubclass(inner, Branch):
            if not isinstance(value, dict):
                raise ConfigError(
                    f"config {where}: {above}{key}: is a table, as in  [{above}{key}]"
                )
            check_keys(value, inner, where, f"{above}{key}.")


def _nearest(key: str, known: dict[str, Any]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(known)}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def as_toml(effective: Settings) -> str:
    """The tree as a file that loads to the same tree, each key under its line of help."""
    return "\n".join(_lines(effective, ""))


def _lines(branch: Branch, above: str) -> Iterator[str]:
    fields = msgspec.structs.fields(branch)
    for field in fields:
        value = getattr(branch, field.name)
        if not isinstance(value, Branch):
            yield f"# {_description(field.type)}"
            yield f"{field.name} = {_toml(value)}" if value is not None else f"# {field.name} ="
    for field in fields:
        value = getattr(branch, field.name)
        if isinstance(value, Branch):
            yield ""
            yield f"# {(value.__doc__ or '').splitlines()[0]}"
            yield f"[{above}{field.name}]"
            yield from _lines(value, f"{above}{field.name}.")


def _description(annotated: Any) -> str:
    for meta in get_args(annotated)[1:] if get_origin(annotated) or get_args(annotated) else ():
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    return ""


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for DEL, which TOML wants written out.
        text = msgspec.json.encode(value).decode()
        return re.sub("\x7f", r"\\u007f", text)
    return repr(value)
