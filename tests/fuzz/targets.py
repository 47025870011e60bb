"""What reads input from outside, each as a function of bytes that must not fail but by its errors.

A reader may refuse anything, with a `WakefulError` of one line or with the error that its own
docstring names. Whatever else comes out of it is a finding, and so is a refusal that is no line.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import soundfile
from wakeful.daemon import config, events, recognizer_messages, requests
from wakeful.daemon.files import SoundFile
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import Settings
from wakeful.models.bundle import load_bundle, save_bundle
from wakeful.models.errors import WakefulError
from wakeful.models.grammar import compile_grammar
from wakeful.models.runtime import TriggerModel
from wakeful.training.takes import read_takes

DATA = Path(__file__).parents[1] / "data"
_TALK = soundfile.read(DATA / "voice.flac", dtype="int16")[0]
_MOST_SAMPLES = 1_000_000
"""A header can promise hours; what is wanted here is how it begins."""


class NotOneLineError(AssertionError):
    """Something was refused with a text that a user can't read as one line."""


@dataclass(frozen=True)
class Target:
    """A reader: `read` may raise `refusals`; `seeds` are inputs that it takes."""

    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    refusals: tuple[type[Exception], ...] = (WakefulError,)

    def __call__(self, data: bytes) -> None:
        """Read it, or refuse it as one does."""
        try:
            self.read(data)
        except self.refusals as error:
            text = str(error)
            if isinstance(error, WakefulError) and (not text or len(text.splitlines()) != 1):
                raise NotOneLineError(repr(text)) from error


@cache
def _folder() -> Path:
    """A place that lasts as long as the process, in memory where there is such."""
    shared = Path("/dev/shm")
    kept = tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None)
    _kept_until_the_end.append(kept)
    return Path(kept.name)


_kept_until_the_end: list[tempfile.TemporaryDirectory[str]] = []


def _written(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


def _sound(data: bytes) -> None:
    """A file of sound to its end, or to as much as a minute of it."""
    file = SoundFile(_written("sound", data), 0.0)
    try:
        read = 0
        while read < _MOST_SAMPLES and len(piece := file.read(16_000)):
            read += len(piece)
    finally:
        file.close()


def _sounds() -> list[bytes]:
    """The same second in every container that is promised."""
    samples, rate = soundfile.read(DATA / "voice.flac", dtype="int16", frames=2_000)
    kinds = (("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "ULAW"), ("FLAC", "PCM_16"))
    made = []
    for container, subtype in (*kinds, ("OGG", "VORBIS"), ("WAV", "FLOAT")):
        path = _folder() / "seed"
        soundfile.write(path, samples, rate, subtype, format=container)
        made.append(path.read_bytes())
    return made


def _configs() -> list[bytes]:
    written = [
        'models = ["activate"]\n[detector]\nthreshold = 0.6\nthresholds = { activate = 0.5 }\n',
        '[audio]\ninput = "mic"\nring_s = 30.0\n[gate]\nsleep = true\nbefore_s = 0.9\n',
        '[bus]\nevents = "ipc:///tmp/e"\nkeep_events = 10\n',
        "",
    ]
    return [text.encode() for text in written]


@cache
def _beside_a_network() -> Path:
    bundle = load_bundle(DATA / "beep.json")
    return save_bundle(_folder() / "fuzzed", bundle.manifest, bundle.tflite)


def _manifest(data: bytes) -> None:
    """A manifest beside the network that it was written for, up to a model that runs."""
    path = _beside_a_network()
    path.write_bytes(data)
    Pipeline(Settings(), [TriggerModel(load_bundle(path))], events.Stamp("fuzz", 0.0)).feed(_TALK)


def _manifests() -> list[bytes]:
    path = _beside_a_network()
    bundle = load_bundle(DATA / "beep.json")
    return [save_bundle(path.with_suffix(""), bundle.manifest, bundle.tflite).read_bytes()]


def _event(data: bytes) -> None:
    """What was an event is the same one after being written and read again."""
    event = events.decode(data)
    if events.decode(events.encode(event)) != event:
        raise AssertionError(f"another event came back: {event}")


def _events() -> list[bytes]:
    at = events.Stamp("fuzz", 0.0).at
    return [
        events.encode(events.Wake(keyword="a", model="b", score=0.5, **at(3))),
        events.encode(events.SpeechEnd(start_sample=1, duration_s=1.0, ending="silence", **at(9))),
        events.encode(events.Bye(reason="end of sound", **at(5))),
    ]


def _requests() -> list[bytes]:
    asked = (
        requests.AskStatus(id="x"),
        requests.SetThreshold(threshold=0.5, model="activate"),
        requests.Replay(since=3, most=10),
        requests.Mute(),
    )
    return [requests.encode(request) for request in asked]


def _answers() -> list[bytes]:
    return [recognizer_messages.encode(recognizer_messages.Refused(1, "no"))]


def _grammar(data: bytes) -> None:
    """A grammar, and the first of what may be said by it."""
    grammar = compile_grammar(data.decode(errors="replace"))
    list(itertools.islice(grammar.sentences(), 20))


def _grammars() -> list[bytes]:
    rules = "room = kitchen | living room\nlight : turn (on|off){state} the <room>{room} [please]\n"
    return [
        rules.encode(),
        b"level : to 0..100{level} percent\nwhat time\n  is it [now]\n# a remark\n",
        b"tv : (telly|television){device=tv} (on|off){state}\n",
    ]


def _table(data: bytes) -> None:
    """A ``labels.csv`` beside the recording that it may name."""
    folder = _folder() / "takes"
    folder.mkdir(exist_ok=True)
    if not (folder / "a.wav").exists():
        (folder / "a.wav").write_bytes(_sounds()[0])
    (folder / "labels.csv").write_bytes(data)
    read_takes([folder])


def _tables() -> list[bytes]:
    head = b"file,keyword_start_s,keyword_end_s\n"
    row = b"a.wav,0.01,0.1\n"
    return [head + row, head + row + b"a.wav,,\n", b"\xef\xbb\xbf" + head + row]


DECODING = (msgspec.DecodeError, UnicodeDecodeError)

TARGETS = {
    "sound": Target(_sound, _sounds),
    "config": Target(lambda data: config.read(_written("c.toml", data)), _configs),
    "manifest": Target(_manifest, _manifests),
    "event": Target(_event, _events, DECODING),
    "request": Target(requests.decode_request, _requests, (requests.RequestError,)),
    "answer": Target(recognizer_messages.decode_reply, _answers, DECODING),
    "grammar": Target(_grammar, _grammars),
    "table": Target(_table, _tables),
}


def found_cases(name: str) -> list[Path]:
    """Inputs that once were findings."""
    return sorted((Path(__file__).with_name("found") / name).glob("*"))


if __name__ == "__main__":
    TARGETS[sys.argv[1]](Path(sys.argv[2]).read_bytes())
