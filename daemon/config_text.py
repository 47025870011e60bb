"""The configuration as text: written out with its help, and where in a file a key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any, get_args

import msgspec

from .settings import Branch, Settings

Tree = dict[str, Any]
Keys = tuple[str, ...]

_FROM_FILE = "  # from the file"


def as_toml(effective: Settings, from_file: Tree | None = None) -> str:
    """The tree as a file that loads to the same tree, each key under its line of help.

    What `from_file` sets is marked so; the rest is built in.
    """
    return "\n".join(_lines(effective, (), from_file or {}))


def _lines(branch: Branch, above: Keys, from_file: Tree) -> Iterator[str]:
    fields = msgspec.structs.fields(branch)
    for field in fields:
        value = getattr(branch, field.name)
        if not isinstance(value, Branch):
            mark = _FROM_FILE if field.name in from_file else ""
            yield f"# {_description(field.type)}"
            # TOML has no null: what is left to the model is shown, but commented out.
            yield f"# {field.name} =" if value is None else f"{field.name} = {toml(value)}{mark}"
    for field in fields:
        value = getattr(branch, field.name)
        if isinstance(value, Branch):
            keys = (*above, field.name)
            yield ""
            yield f"# {(value.__doc__ or '').splitlines()[0]}"
            yield f"[{'.'.join(keys)}]"
            yield from _lines(value, keys, from_file.get(field.name, {}))


def _description(annotated: Any) -> str:
    metas = (meta for meta in get_args(annotated)[1:] if isinstance(meta, msgspec.Meta))
    return next((meta.description for meta in metas if meta.description), "")


def toml(value: object) -> str:
    """One value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(toml(item) for item in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{toml_key(key)} = {toml(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for DEL, which TOML wants written out.
        text = msgspec.json.encode(value).decode()
        return re.sub("\x7f", r"\\u007f", text)
    return repr(value)


def toml_key(key: str) -> str:
    """One part of a key: bare where TOML lets it be."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml(key)


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """The line, from 1, at which a right TOML text sets a key; None where it doesn't.

    Told by reading ever more of it, so that strings, arrays over several lines and every way to
    write a key are what they are to TOML itself.
    """
    begun = 1
    lines = text.split("\n")
    for number in range(1, len(lines) + 1):
        try:
            tree = tomllib.loads("\n".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value
        if _holds(tree, keys):
            return begun
        begun = number + 1
    return None


def _holds(tree: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(tree, dict) or key not in tree:
            return False
        tree = tree[key]
    return True
