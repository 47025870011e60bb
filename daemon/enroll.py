"""What follows from somebody's takes: a threshold, a profile, and where they are written."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..models.runtime import TriggerModel
from .config import config_path, default_paths
from .config_edit import set_value
from .ear import threshold_in_force
from .meter import Meter
from .own_file import write_own
from .profile import FORMAT, Profile
from .recorder import Recorder
from .settings import Settings
from .source import SAMPLE_RATE_HZ, Source
from .takes import FEWEST, Take, TakesError, read_takes, take_of, voiceprints_of
from .threshold_rule import Advice, advise
from .verifier import least_likeness
from .voiceprint import telling_state

Say = Callable[[str], None]
"""Where lines for a person go."""

_TRIES_A_TAKE = 3


def recorded_takes(
    source: Source, model: TriggerModel, settings: Settings, meter: Meter, count: int, say: Say
) -> list[Take]:
    """Ask for the word until there are `count` good takes; raises `TakesError` if that fails."""
    recorder = Recorder(source, model, settings, meter)
    good: list[Take] = []
    word = model.bundle.manifest.labels[0]
    for number in range(_TRIES_A_TAKE * count):
        say(f'say "{word}" now ({len(good) + 1} of {count})')
        name = f"take {number + 1}"
        take = take_of(name, recorder.take(), model, settings)
        meter.clear()
        say(told(take, model, settings))
        if not take.fault:
            good.append(take)
        if len(good) == count:
            return good
    raise TakesError(
        f"only {len(good)} of {_TRIES_A_TAKE * count} takes could be used; see the level with  "
        "wakeful listen,  or train the word with recordings of yours: wakeful train --positives"
    )


def takes_from(folder: Path, model: TriggerModel, settings: Settings, say: Say) -> list[Take]:
    """The good takes of a folder; raises `TakesError` if they are too few."""
    takes = []
    for take in read_takes(folder, model, settings):
        say(told(take, model, settings))
        takes.append(take)
    good = [take for take in takes if not take.fault]
    if len(good) < FEWEST:
        why = next((f"; {t.name} {t.fault}" for t in takes if t.fault), "")
        raise TakesError(
            f"{folder}: {len(good)} of {len(takes)} takes can be used, "
            f"{FEWEST} are needed at least{why}"
        )
    return good


def told(take: Take, model: TriggerModel, settings: Settings) -> str:
    """One line about a take."""
    if take.fault:
        return f"  {take.name}: {take.fault}; it is left out"
    shipped = model.bundle.manifest.detector.threshold
    is_heard = take.score >= threshold_in_force(settings.detector, model.bundle.name, shipped)
    heard = "heard" if is_heard else "not heard yet"
    return f"  {take.name}: {heard}, score {take.score:.2f}, {take.level_dbfs:.0f} dBFS"


def advice_for(
    takes: Sequence[Take], model: TriggerModel, settings: Settings, most_per_hour: float
) -> Advice:
    """Where the model should fire for these takes."""
    manifest = model.bundle.manifest
    in_force = threshold_in_force(settings.detector, model.bundle.name, manifest.detector.threshold)
    return advise([take.score for take in takes], manifest, in_force, most_per_hour)


def profile_for(
    name: str, takes: Sequence[Take], model: TriggerModel, settings: Settings, threshold: float
) -> Profile:
    """Somebody's profile, from what a listener at that threshold would be given."""
    bundle = model.bundle
    detector = msgspec.structs.replace(settings.detector, thresholds={bundle.name: threshold})
    vectors = voiceprints_of(takes, model, msgspec.structs.replace(settings, detector=detector))
    return Profile(
        format=FORMAT,
        name=name,
        model=bundle.name,
        sha256=bundle.manifest.sha256,
        state=telling_state(bundle),
        least_likeness=round(max(-1.0, least_likeness(vectors)), 4),
        vectors=[[round(float(value), 6) for value in vector] for vector in vectors],
    )


def write_threshold(model: str, threshold: float, config: str | None) -> Path:
    """Set a model's threshold in the configuration that counts; returns its path."""
    path = config_path(config) or default_paths()[0]
    set_value(path, ("detector", "thresholds", model), threshold)
    return path


def keep_takes(folder: Path, takes: Sequence[Take]) -> None:
    """Write takes as files that their owner alone may read; raises `TakesError`."""
    import soundfile

    for number, take in enumerate(takes, 1):
        wav = io.BytesIO()
        soundfile.write(wav, take.samples, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
        path = folder / f"take-{number}.wav"
        try:
            write_own(path, wav.getvalue())
        except OSError as error:
            raise TakesError(f"{path}: can't be written ({error.strerror})") from error


def as_json(takes: Sequence[Take], advice: Advice, **more: Any) -> bytes:
    """All that was found, without sound."""
    rows = [
        {"name": t.name, "score": round(t.score, 4), "level_dbfs": round(t.level_dbfs, 1)}
        for t in takes
    ]
    return msgspec.json.encode({"takes": rows, "advice": advice, **more})
