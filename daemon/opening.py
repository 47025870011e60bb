"""From what the configuration names to what is there: the models ready, the source open."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..models.bundle import PRETRAINED, load_bundle
from ..models.errors import UsageError
from ..models.runtime import TriggerModel
from .pacing import Paced
from .settings import AudioSettings
from .source import Source, SourceError
from .verifier import Judge, Verifier

DEMO = PRETRAINED / "demo.flac"


@dataclass(frozen=True)
class RawFormat:
    """What standard input carries."""

    rate_hz: int = 16_000
    channels: int = 1


def open_models(names: Sequence[str]) -> list[TriggerModel]:
    """The models, each checked whole; raises a `WakefulError` for the first that can't be used.

    Two of one name are refused: nobody could tell their events apart. So is a name
    that can't be printed, since events carry it.
    """
    models = [TriggerModel(load_bundle(name)) for name in names]
    for model in models:
        if not model.bundle.name.isprintable():
            raise UsageError(f"model {model.bundle.path}: its name is not all text; rename it")
    name, times = Counter(model.bundle.name for model in models).most_common(1)[0]
    if times > 1:
        raise UsageError(f"model {name}: is named {times} times; leave one out, or rename it")
    return models


def open_judges(
    only: Sequence[str], models: Sequence[TriggerModel], config: str | None = None
) -> dict[str, Judge]:
    """Who may wake each model, by its name; empty if everybody may.

    Raises a `WakefulError` for a name that hasn't enrolled for each of the models.
    """
    if not only:
        return {}
    from .profile import load_profiles, profile_folder

    folder = profile_folder(config)
    return {
        model.bundle.name: Verifier(load_profiles(folder, only, model.bundle)) for model in models
    }


def open_source(
    audio: AudioSettings, raw: RawFormat, real_time: bool = False, or_demo: bool = False
) -> Source:
    """The source that the settings name; raises `SourceError` when it can't be had.

    With `or_demo` the bundled recording stands in for a microphone that isn't there, and a line on
    standard error says so.
    """
    if audio.input == "mic":
        return _microphone(audio, or_demo)
    if audio.input == "-":
        return _paced(_pipe(raw), real_time)
    return _paced(open_file(audio.input), real_time)


def open_file(path: str) -> Source:
    """A sound file; what it is short of is told on standard error."""
    from .files import SoundFile

    file = SoundFile(path, opened_at=time.time())
    if file.warning:
        print(f"wakeful: {file.warning}", file=sys.stderr)
    return file


def _microphone(audio: AudioSettings, or_demo: bool) -> Source:
    from .devices import NoDeviceError, NoPortAudioError
    from .microphones import open_microphone

    try:
        return open_microphone(audio.device)
    except (NoDeviceError, NoPortAudioError) as error:
        if not or_demo:
            raise
        print(f"wakeful: {error}; playing the demo {DEMO}", file=sys.stderr)
        return Paced(open_file(str(DEMO)))


def _pipe(raw: RawFormat) -> Source:
    from .pcm import RawPipe

    if sys.stdin is None:
        raise SourceError("standard input is closed; pipe raw sound into it, or name a file")
    return RawPipe(sys.stdin, time.time(), raw.rate_hz, raw.channels)


def _paced(source: Source, real_time: bool) -> Source:
    return Paced(source) if real_time else source
