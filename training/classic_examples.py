"""Classic compositions as a net is fed with them: checked by their headers, read a batch at a time.

An example is 2.2 MB of features: thousands of them are never in memory at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.errors import UsageError, WakefulError
from ..models.features import TRIGGER_CLASSIC, Frames
from ..synth.classic_files import ORDER
from ..synth.classic_labels import STEPS
from ..synth.classic_stock import LENGTH, SAMPLE_RATE_HZ
from ..synth.collection import shown
from ..synth.labels import Labels

FRAMES, BANDS = 5_511, 101
_KEPT_APART = 10
_BROKEN = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)

Batch = tuple[Frames, npt.NDArray[np.float32]]
"""Features [n, 5511, 101] and labels [n, 1375, 1]."""


class ComposedError(WakefulError):
    """A folder holds no compositions, or one that the net can't be fed with."""


@dataclass(frozen=True)
class Composed:
    """A folder that ``wakeful synth classic`` made; `order` tells from which seed and recordings.

    `digest` is another one for other labels, other names or files of another size.
    """

    folder: Path
    numbers: tuple[int, ...]
    digest: str = ""
    order: dict[str, Any] = field(default_factory=dict)

    @property
    def development(self) -> tuple[int, ...]:
        """A tenth, never fitted on: numbers that end with 9, or the last of fewer than ten."""
        tenth = tuple(n for n in self.numbers if n % _KEPT_APART == _KEPT_APART - 1)
        return tenth or self.numbers[-1:]

    @property
    def fitted(self) -> tuple[int, ...]:
        """The others. A folder that grew keeps apart what it kept apart when it had ten."""
        apart = set(self.development)
        return tuple(n for n in self.numbers if n not in apart)

    def read(self, number: int) -> tuple[Frames, Labels]:
        """[5511, 101] and [1375, 1]; features from the sound where its file has none."""
        path = _path(self.folder, number)
        with _opened(path) as arrays:
            labels = np.asarray(arrays["labels"])
            found = arrays.get("features")
        return _of_sound(path.with_suffix(".wav")) if found is None else found, labels


def read_composed(folder: Path) -> Composed:
    """List and check all; raises `ComposedError` for the first file that can't be used."""
    numbers = tuple(sorted(int(p.stem) for p in folder.glob("*.npz") if p.stem.isdecimal()))
    if not numbers:
        raise ComposedError(
            f"{shown(folder)}: holds no compositions; make some: "
            "wakeful synth classic RECORDINGS --out FOLDER"
        )
    digest = hashlib.sha256()
    for number in numbers:
        digest.update(_checked(_path(folder, number)))
    return Composed(folder, numbers, digest.hexdigest(), _order(folder))


def require_two(composed: Composed) -> None:
    """One to fit and one to measure by; raises `ComposedError`."""
    if not composed.fitted:
        raise ComposedError(
            f"{shown(composed.folder)}: holds one composition; one is fitted on and another "
            "measured by: make more with wakeful synth classic --count"
        )


def require_others(held_out: Composed, composed: Composed) -> None:
    """Raises `UsageError` where both folders hold the same compositions, wherever they lie."""
    made = ("seed", "recordings")
    orders = [{k: c.order[k] for k in made if k in c.order} for c in (held_out, composed)]
    if held_out.digest == composed.digest or (orders[0] and orders[0] == orders[1]):
        raise UsageError(
            f"--held-out {shown(held_out.folder)}: holds the compositions that are fitted on; "
            "make it of other recordings"
        )


def batches(composed: Composed, numbers: Sequence[int], size: int) -> Iterator[Batch]:
    """In that order, the last one smaller where they don't fill it; one is read ahead."""
    cuts = [numbers[at : at + size] for at in range(0, len(numbers), size)]
    return _ahead(lambda cut: _batch(composed, cut), cuts)


def _batch(composed: Composed, numbers: Sequence[int]) -> Batch:
    both = [composed.read(number) for number in numbers]
    features, labels = (np.stack(some) for some in zip(*both, strict=True))
    return features.astype(np.float32, copy=False), labels.astype(np.float32)


def _ahead(read: Callable[[Any], Batch], cuts: Iterable[Any]) -> Iterator[Batch]:
    with ThreadPoolExecutor(1) as reader:
        coming = None
        for cut in cuts:
            ready, coming = coming, reader.submit(read, cut)
            if ready:
                yield ready.result()
        if coming:
            yield coming.result()


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.npz"


def _checked(path: Path) -> bytes:
    """What is told apart by: name, size and labels. Of features, the header alone is read."""
    with _opened(path) as arrays:
        labels = arrays["labels"]
        with_features = "features" in arrays
        shape = _shape(path, "features") if with_features else (FRAMES, BANDS)
    if shape != (FRAMES, BANDS) or labels.shape != (STEPS, 1):
        raise ComposedError(
            f"{shown(path)}: features {shape} and labels {labels.shape}, trigger-classic takes "
            f"{(FRAMES, BANDS)} and {(STEPS, 1)}; make the folder anew with wakeful synth classic"
        )
    if not np.isin(labels, (0, 1)).all():
        raise ComposedError(f"{shown(path)}: has labels other than 0 and 1; take it away")
    if not with_features and not path.with_suffix(".wav").is_file():
        raise ComposedError(f"{shown(path)}: holds no features, and its .wav is gone; take it away")
    told = f"{path.name} {path.stat().st_size} "
    return told.encode() + bytes(labels.astype(np.int8).tobytes())


def _shape(path: Path, name: str) -> tuple[int, ...]:
    with zipfile.ZipFile(path) as packed, packed.open(f"{name}.npy") as file:
        read = np.lib.format.read_array_header_2_0
        if np.lib.format.read_magic(file) == (1, 0):
            read = np.lib.format.read_array_header_1_0
        shape: tuple[int, ...] = read(file)[0]
        return shape


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The arrays of a file; whatever goes wrong with it is a `ComposedError`."""
    try:
        # Opened here: of a broken one, numpy would leave the file open.
        with path.open("rb") as file, np.load(file) as arrays:
            yield arrays
    except _BROKEN as error:
        raise ComposedError(
            f"{shown(path)}: not a composition ({shown(str(error))}); take it away"
        ) from error


def _of_sound(path: Path) -> Frames:
    import soundfile

    try:
        samples, rate_hz = soundfile.read(path, dtype="int16")
    except (soundfile.SoundFileError, OSError) as error:
        raise ComposedError(f"{shown(path)}: not readable as sound; take it away") from error
    if rate_hz != SAMPLE_RATE_HZ or len(samples) != LENGTH:
        raise ComposedError(
            f"{shown(path)}: {len(samples)} samples at {rate_hz} Hz, a composition has {LENGTH} "
            f"at {SAMPLE_RATE_HZ} Hz; take it away"
        )
    return TRIGGER_CLASSIC.whole(samples)


def _order(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / ORDER).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
