"""The shapes of a corpus that file names tell: LibriSpeech, FSDD, and a folder for each word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..models.labels import SILENCE
from .corpora import BACKGROUND, Clip, Corpus, Split
from .corpora_splits import official_split
from .corpus import SUFFIXES, CorpusError

_FSDD = re.compile(r"(?P<digit>\d)_(?P<speaker>[^_]+)_(?P<take>\d+)")
_COMMAND = re.compile(r"(?:.+_)?(?P<speaker>[0-9a-f]{8})_nohash_\d+")
_SUBSETS: dict[str, Split] = {"train": "train", "dev": "validation", "test": "test"}
_SUBSET = re.compile(r"(train|dev|test)-(?:clean|other)")
_LISTS: dict[str, Split] = {"validation_list.txt": "validation", "testing_list.txt": "test"}


def sound_in(folder: Path) -> list[Path]:
    """Sound files right in a folder, sorted; hidden ones are another program's."""
    found = (p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    return sorted(p for p in found if not p.name.startswith(".") and p.is_file())


def read_librispeech(folder: Path) -> Corpus | None:
    """``SPEAKER-CHAPTER.trans.txt``, each beside its sound; a subset's name is its split."""
    lists = sorted(folder.rglob("*.trans.txt")) if folder.is_dir() else []
    if not lists:
        return None
    clips: list[Clip] = []
    missing: list[Path] = []
    for path in lists:
        sound = {p.stem: p for p in sound_in(path.parent)}
        for name, text in _lines(path):
            if name in sound:
                speaker = name.split("-")[0]
                clips.append(Clip(sound[name], text, speaker, _subset(path)))
            else:
                missing.append(path.with_name(f"{name}.flac"))
    return Corpus(folder, "librispeech", tuple(clips), missing=tuple(missing))


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """(name, text in small letters) of each line."""
    try:
        for line in path.read_text(encoding="utf-8-sig").splitlines():
            name, _, text = line.strip().partition(" ")
            if name:
                yield name, text.strip().lower()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: can't be read ({error}); unpack it again") from error


def _subset(path: Path) -> Split | None:
    """By the folder that is called ``train-clean-100``, ``dev-other`` and so on."""
    matches = (_SUBSET.match(part) for part in reversed(path.parts))
    return next((_SUBSETS[match[1]] for match in matches if match), None)


def read_fsdd(folder: Path) -> Corpus | None:
    """``DIGIT_SPEAKER_NUMBER.wav`` in the folder or in its ``recordings``."""
    inside = folder / "recordings"
    at = inside if inside.is_dir() else folder
    files = sound_in(at) if at.is_dir() else []
    clips = tuple(clip for p in files if (clip := fsdd_clip(p)))
    # One stray file shall not make the data set another one.
    return Corpus(folder, "fsdd", clips) if len(clips) > len(files) // 2 else None


def fsdd_clip(path: Path) -> Clip | None:
    """What a name like ``7_jackson_32.wav`` tells; None for any other name."""
    match = _FSDD.fullmatch(path.stem)
    return Clip(path, match["digit"], match["speaker"]) if match else None


def read_folders(folder: Path) -> Corpus | None:
    """A folder for each word; those with Speech Commands' file names know speaker and split."""
    if not folder.is_dir():
        return None
    words = [p for p in sorted(folder.iterdir()) if p.is_dir() and not p.name.startswith(".")]
    files = [(p.name, path) for p in words if p.name != BACKGROUND for path in sound_in(p)]
    if not files:
        return None
    background = folder / BACKGROUND
    noise = tuple(sound_in(background)) if background.is_dir() else ()
    named = sum(1 for _, path in files if is_command_name(path))
    if named > len(files) // 2:
        listed = listed_splits(folder)
        clips = tuple(command_clip(word, path, listed) for word, path in files)
        return Corpus(folder, "speech-commands", clips, noise)
    return Corpus(folder, "folders", tuple(Clip(path, word) for word, path in files), noise)


def is_command_name(path: Path) -> bool:
    """Whether a file is called as those of Speech Commands: ``0c40e715_nohash_1.wav``."""
    return _COMMAND.fullmatch(path.stem) is not None


def command_clip(word: str, path: Path, listed: dict[str, Split]) -> Clip:
    """Speaker and split by a name of Speech Commands; what is called otherwise has neither."""
    match = _COMMAND.fullmatch(path.stem)
    if not match or word == SILENCE:
        return Clip(path, word)
    by_name = official_split(match["speaker"])
    split = listed.get(f"{word}/{path.stem}", "train" if listed else by_name)
    return Clip(path, word, match["speaker"], split)


def listed_splits(folder: Path) -> dict[str, Split]:
    """``word/name`` -> split, where the data set's own lists lie beside it."""
    found: dict[str, Split] = {}
    for name, split in _LISTS.items():
        path = folder / name
        if path.is_file():
            lines = path.read_text(encoding="utf-8").split()
            found |= {line.rpartition(".")[0] or line: split for line in lines}
    return found
