"""A person's profile for one model: a small file of voiceprints, beside the configuration.

No sound is in it. It is of one network alone, whose hash it carries: another's voiceprints mean
something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from ..models.bundle import Bundle
from ..models.errors import UsageError, WakefulError
from .config import config_path, default_paths
from .own_file import write_own
from .printable import printable
from .voiceprint import telling_state

FORMAT = 1
_NAME = re.compile(r"\w[\w -]{0,31}")


class ProfileError(WakefulError):
    """A profile can't be used or kept; the line says which, and what to do."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``voices/NAME.MODEL.json`` holds. `state` is the tensor whose means the vectors are."""

    format: int = FORMAT
    name: str
    model: str
    sha256: str
    state: str
    least_likeness: Annotated[float, Meta(ge=-1, le=1)]
    vectors: Annotated[list[list[float]], Meta(min_length=3, max_length=100)]


def profile_folder(config: str | None = None) -> Path:
    """Beside the configuration file that counts, or where one would be."""
    return (config_path(config) or default_paths()[0]).parent / "voices"


def checked_name(name: str) -> str:
    """The name itself; raises `UsageError` for one that can't name a file everywhere."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"name {printable(name)!r}: takes up to 32 letters, digits, - and _, "
            "and blanks between them"
        )
    return name


def save_profile(folder: Path, profile: Profile) -> Path:
    """Write it so that its owner alone may read it; replaces an earlier one whole."""
    path = _path(folder, profile.name, profile.model)
    try:
        write_own(path, msgspec.json.encode(profile) + b"\n")
    except OSError as error:
        raise ProfileError(f"profile {path}: can't be written ({error.strerror})") from error
    return path


def load_profiles(folder: Path, names: Iterable[str], bundle: Bundle) -> list[Profile]:
    """These people's profiles for a model; raises `ProfileError` for the first that isn't there."""
    return [_for_model(folder, checked_name(name), bundle) for name in names]


def _for_model(folder: Path, name: str, bundle: Bundle) -> Profile:
    path = _path(folder, name, bundle.name)
    again = f"wakeful enroll {bundle.name} --verify --name {name!r}"
    if not path.is_file():
        known = sorted({p.name for p in list_profiles(folder) if p.model == bundle.name})
        listed = ", ".join(known) or "nobody"
        raise ProfileError(
            f"profile {path}: {name} hasn't enrolled for {bundle.name} ({listed} has); run  {again}"
        )
    profile = _read(path)
    width = bundle.manifest.states[telling_state(bundle)][-1]
    if profile.sha256 != bundle.manifest.sha256 or profile.state != telling_state(bundle):
        raise ProfileError(
            f"profile {path}: was made with another {bundle.name} than {bundle.path}; run  {again}"
        )
    if any(len(vector) != width for vector in profile.vectors):
        raise ProfileError(f"profile {path}: its vectors are not of {width} numbers; run  {again}")
    return profile


def list_profiles(folder: Path) -> list[Profile]:
    """All that are there, by name and model; raises `ProfileError` for a broken one."""
    found = [_read(path) for path in folder.glob("*.json") if not path.name.startswith(".")]
    return sorted(found, key=lambda profile: (profile.name, profile.model))


def forget_profiles(folder: Path, name: str) -> list[Path]:
    """Delete all of somebody's profiles; raises `ProfileError` if there is none.

    Also those that can't be read any more: they are known by their files' names.
    """
    paths = sorted(folder.glob(f"{checked_name(name)}.*.json"))
    if not paths:
        raise ProfileError(f"profiles {folder}: nobody there is called {name}; see  --list")
    for path in paths:
        try:
            path.unlink()
        except OSError as error:
            raise ProfileError(f"profile {path}: can't be deleted ({error.strerror})") from error
    return paths


def _path(folder: Path, name: str, model: str) -> Path:
    return folder / f"{name}.{model}.json"


def _read(path: Path) -> Profile:
    try:
        raw = path.read_bytes()
        version = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get("format")
        if version is None or bytes(version) != str(FORMAT).encode():
            raise ProfileError(f"profile {path}: is not of format {FORMAT}; enroll again")
        return msgspec.json.decode(raw, type=Profile)
    except OSError as error:
        raise ProfileError(f"profile {path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"profile {path}: is no profile ({error}); enroll again") from error
