"""One package's speech into its folder: whole or not at all, going on where a kill stopped it.

Until all is there the work lies in ``DIR/.NAME.part``, its sound under names that nothing takes for
sound. Then the sound gets its names, and the folder its own.
"""

from __future__ import annotations

import fcntl
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..models.whole_file import write_whole
from .debian_package import copyright_file, download, unpack, version
from .flac import write_flac
from .recording import Recording, RecordingError, SpeechError
from .speech_folder import LEFT_OUT, LICENCES, MANIFEST, Row, add_row, rows, write_data, write_rows
from .speech_sources import SpeechSource
from .voice import SAMPLE_RATE_HZ
from .voiced import why_no_speech

Progress = Callable[[int, int], None]

_PART = ".part"


@dataclass(frozen=True)
class Installed:
    """What came: recordings, hours, and why others were left out."""

    recordings: int
    hours: float
    left_out: dict[str, int] = field(default_factory=dict)


def install_speech(
    name: str,
    source: SpeechSource,
    folder: Path,
    progress: Progress = lambda done, total: None,
) -> Installed:
    """Get what is not there yet; returns what is there then.

    Raises `SpeechError` when the package can't be got or holds no speech that we can find, and when
    the folder can't be written to or another run is at work on it.
    """
    place, part = folder / name, folder / f".{name}{_PART}"
    try:
        part.mkdir(parents=True, exist_ok=True)
        with _alone(part):
            if not place.is_dir():
                _fill(part, name, source, progress)
                _appear(part, place)
            elif not (place / MANIFEST).is_file():
                raise SpeechError(f"{place}: is something else than speech of ours; move it away")
        shutil.rmtree(part, ignore_errors=True)
        write_data(folder)
    except OSError as error:
        raise SpeechError(
            f"{error.filename or folder}: can't be written ({error.strerror or error}); "
            "the same command goes on from here when that is mended"
        ) from error
    return told(place)


def told(place: Path) -> Installed:
    """What a package's folder holds."""
    there = rows(place / MANIFEST)
    why = Counter(str(row["why"]) for row in rows(place / LEFT_OUT))
    return Installed(len(there), sum(r["seconds"] for r in there) / 3600, dict(sorted(why.items())))


@contextmanager
def _alone(part: Path) -> Iterator[None]:
    """Two runs on one folder would number each other's recordings. A kill leaves no lock behind."""
    with (part / "lock").open("w") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SpeechError(f"{part}: another run is at work here; wait for it") from error
        yield


def _fill(part: Path, name: str, source: SpeechSource, progress: Progress) -> None:
    package, tree = source.wanted(), part / "tree"
    file = _package(part, package)
    shutil.rmtree(tree, ignore_errors=True)
    unpack(file, tree)
    _write_licence(part, name, copyright_file(tree, package))
    whence = {"package": package, "version": version(file), "licence": source.licence}
    found = list(source.reader()(tree))
    several = len({recording.language for recording in found}) > 1
    done = _resumed(part)
    for number, recording in enumerate(found, 1):
        if recording.source not in done:
            where = Path(recording.language) if several else Path()
            _take(part, where / f"{number:06d}.flac", recording, whence)
        progress(number, len(found))
    if not rows(part / MANIFEST):
        raise SpeechError(f"{package} {whence['version']}: no speech was found in this version")


def _package(part: Path, package: str) -> Path:
    """Under its own name once it is whole, so that an interrupted run goes on without network."""
    kept = part / f"{package}.deb"
    if not kept.is_file():
        download(package, part / "package").replace(kept)
    return kept


def _write_licence(part: Path, name: str, content: bytes) -> None:
    licences = part.parent / LICENCES
    licences.mkdir(exist_ok=True)
    write_whole(licences / name, content)


def _resumed(part: Path) -> set[str]:
    """The sources that are done; lines that a kill cut in half are taken away."""
    done = set()
    for listed in (part / MANIFEST, part / LEFT_OUT):
        there = rows(listed)
        if listed.is_file():
            write_rows(listed, there)
        done |= {str(row["source"]) for row in there}
    return done


def _take(part: Path, file: Path, recording: Recording, whence: Row) -> None:
    row = {"source": recording.source, "language": recording.language}
    try:
        sound = recording.sound()
        why = why_no_speech(sound)
    except RecordingError as error:
        why = f"unreadable: {error}"
    if why:
        add_row(part / LEFT_OUT, row | {"why": why.partition(":")[0], "told": why})
        return
    (part / file.parent).mkdir(exist_ok=True)
    write_flac(part / f"{file}{_PART}", sound)
    seconds = round(len(sound) / SAMPLE_RATE_HZ, 3)
    add_row(part / MANIFEST, {"file": str(file), **row, **whence, "seconds": seconds})


def _appear(part: Path, place: Path) -> None:
    """From the last rename on it is there. What a kill stopped here is only repeated."""
    for beside in part.rglob(f"*.flac{_PART}"):
        beside.replace(beside.with_suffix(""))
    for folder in ("package", "tree"):
        shutil.rmtree(part / folder, ignore_errors=True)
    for file in (part / "lock", *part.glob("*.deb")):
        file.unlink()
    part.replace(place)
