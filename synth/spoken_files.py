"""Packages whose speech lies there as files that libsndfile reads, the language in their paths."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePath

from .recording import Recording, decode

SUFFIXES = (".ogg", ".opus", ".wav")

LanguageOf = Callable[[PurePath], str]
"""The language of a path inside the package; empty for what nobody speaks."""

_STAMP = re.compile(r"_desc(_[a-z]{2,3}(_\w{2})?)?|_[a-z]{2}(_\w{2})?")
_ENGLISH = "en"


def dialogues(root: Path) -> Iterator[Recording]:
    """Fish Fillets: ``sound/LEVEL/LANGUAGE/*.ogg``; what has no language is music and effects."""
    return _files(root, lambda inside: inside.parent.name if len(inside.parts[-2]) == 2 else "")


def toys(root: Path) -> Iterator[Recording]:
    """KTuberling: ``sounds/LANGUAGE/*``, of which some languages share some recordings."""
    return _files(root, lambda inside: inside.parent.name)


def stamps(root: Path) -> Iterator[Recording]:
    """Tux Paint: ``NAME_desc.ogg`` names the picture in English, ``NAME_desc_fr.ogg`` in French.

    A plain ``NAME.ogg`` is the sound that the thing makes, which webrtcvad takes for a voice.
    """
    return _files(root, _stamp_language)


def _stamp_language(inside: PurePath) -> str:
    plain = inside.name.removesuffix(".ogg").removesuffix(".ogg")
    cuts = (plain[at:] for at, letter in enumerate(plain) if letter == "_")
    ending = next((cut for cut in cuts if _STAMP.fullmatch(cut)), "")
    if not ending:
        return ""
    return ending.removeprefix("_desc").removeprefix("_") or _ENGLISH


def _files(root: Path, language_of: LanguageOf) -> Iterator[Recording]:
    for path in _once(p for p in sorted(root.rglob("*")) if p.suffix in SUFFIXES):
        inside = path.relative_to(root)
        if language := language_of(inside):
            yield Recording(str(inside), language, partial(decode, path, str(inside)))


def _once(paths: Iterable[Path]) -> Iterator[Path]:
    """Each content once: twice learned is twice as loud an opinion."""
    seen = set()
    for path in paths:
        if path.is_file() and not path.is_symlink():
            content = hashlib.sha256(path.read_bytes()).digest()
            if content not in seen:
                seen.add(content)
                yield path
