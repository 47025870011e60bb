"""The configuration as one frozen tree: units in the names, a line of help under each field.

Every part of the daemon takes its own branch; reading the tree from TOML is `config`'s work. Light
to import: the command line's help needs it.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Branch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A branch of the tree; an unknown key in it is an error."""


class AudioSettings(Branch, frozen=True, kw_only=True):
    """Where the sound comes from."""

    input: Annotated[
        str,
        Meta(
            min_length=1,
            description="mic, a sound file's path, or - for raw sound on standard input",
        ),
    ] = "mic"
    device: Annotated[
        str, Meta(description="part of the microphone's name or its number; empty: the default one")
    ] = ""
    ring_s: Annotated[
        float, Meta(ge=5, le=600, description="how much past sound is kept in memory")
    ] = 30.0


class GateSettings(Branch, frozen=True, kw_only=True):
    """The voice gate: everything behind it sleeps while nobody speaks."""

    sleep: Annotated[
        bool, Meta(description="let the network sleep in silence; false: it always runs")
    ] = True
    strictness: Annotated[
        int, Meta(ge=0, le=3, description="webrtcvad's mode: 0 hears voices everywhere, 3 seldom")
    ] = 1
    before_s: Annotated[
        float,
        Meta(ge=0.2, le=5, description="sound before the first voice that the network is given"),
    ] = 0.9
    hang_over_s: Annotated[
        float, Meta(ge=0.1, le=10, description="how long it stays awake after the last voice")
    ] = 0.9
    quiet_dbfs: Annotated[
        float, Meta(ge=-100, le=-30, description="below this level nothing counts as voice")
    ] = -66.0


class DetectorSettings(Branch, frozen=True, kw_only=True):
    """When probabilities are a wake word; what is left out is taken from the model's manifest."""

    threshold: Annotated[
        Annotated[float, Meta(gt=0, lt=1)] | None,
        Meta(description="smoothed probability that fires"),
    ] = None
    thresholds: Annotated[
        dict[str, Annotated[float, Meta(gt=0, lt=1)]],
        Meta(description="the same for single models, by name: what wakeful enroll sets"),
    ] = {}
    smooth_steps: Annotated[
        Annotated[int, Meta(ge=1, le=50)] | None,
        Meta(description="steps whose mean is compared with it"),
    ] = None
    refractory_s: Annotated[
        Annotated[float, Meta(ge=0.1, le=60)] | None,
        Meta(description="shortest time between two wakes of one model"),
    ] = None
    only: Annotated[
        list[str],
        Meta(description="wake for these people alone, by the names they enrolled under"),
    ] = []


class SegmentSettings(Branch, frozen=True, kw_only=True):
    """What is taken down after the wake word."""

    before_s: Annotated[
        float, Meta(ge=0, le=2, description="sound before the first voice that is handed on")
    ] = 0.3
    after_s: Annotated[
        float, Meta(ge=0, le=2, description="sound after the last voice that is handed on")
    ] = 0.2
    tail_s: Annotated[
        float, Meta(ge=0, le=2, description="how long the wake word itself may ring on")
    ] = 0.3
    start_within_s: Annotated[
        float, Meta(ge=0.5, le=60, description="nothing was said if no voice comes within this")
    ] = 4.0
    end_silence_s: Annotated[
        float, Meta(ge=0.1, le=10, description="this much silence ends what is said")
    ] = 0.8
    longest_s: Annotated[
        float, Meta(ge=1, le=120, description="the longest that is taken down at once")
    ] = 12.0


class ChimeSettings(Branch, frozen=True, kw_only=True):
    """The sounds that it makes itself, when run as a daemon."""

    on: Annotated[bool, Meta(description="whether any chime is played")] = True
    wake: Annotated[
        str, Meta(description="a WAV file to play when the word was heard; empty: our own; -: none")
    ] = ""
    ended: Annotated[
        str, Meta(description="the same for when it has stopped listening to what is said")
    ] = "-"
    not_understood: Annotated[
        str, Meta(description="the same for when nothing was said or understood")
    ] = ""
    volume_db: Annotated[
        float, Meta(ge=-60, le=0, description="how loud they are, in dB below full scale")
    ] = -12.0
    device: Annotated[
        str, Meta(description="part of the loudspeaker's name or its number; empty: the default")
    ] = ""


class BusSettings(Branch, frozen=True, kw_only=True):
    """The sockets through which other programs hear of events and steer the daemon."""

    events: Annotated[
        str,
        Meta(description="ZeroMQ endpoint of the events; empty: a socket in the runtime directory"),
    ] = ""
    control: Annotated[str, Meta(description="the same for requests")] = ""
    keep_events: Annotated[
        int, Meta(ge=1, le=100_000, description="how many past events can be asked for again")
    ] = 1_000
    keys: Annotated[
        str, Meta(description="folder of CURVE keys, needed beyond this machine (wakeful keys)")
    ] = ""
    heartbeat_s: Annotated[
        float, Meta(ge=0.5, le=3600, description="time between two heartbeats")
    ] = 10.0


class RecognizerSettings(Branch, frozen=True, kw_only=True):
    """Who makes something of the speech after the wake word."""

    kind: Annotated[
        str,
        Meta(
            min_length=1, description="none, or what to ask in turn, as in commands,digits,whisper"
        ),
    ] = "none"
    folder: Annotated[
        str, Meta(description="where save puts its recordings; empty: the state directory")
    ] = ""
    keep_files: Annotated[
        int, Meta(ge=1, le=1_000_000, description="save keeps no more; the oldest goes first")
    ] = 1_000
    keep_mb: Annotated[
        float, Meta(gt=0, le=1_000_000, description="the same in megabytes on the disk")
    ] = 500.0
    model: Annotated[
        str, Meta(description="what it loads: a model's name, a folder or a package's name")
    ] = ""
    grammar: Annotated[
        str, Meta(description="a file of sentences; what is written is one if it is near")
    ] = ""
    text: Annotated[
        str, Meta(description="what asr prefers: a file of sentences, one a line; empty: none")
    ] = ""
    least_confidence: Annotated[
        float, Meta(ge=0, le=1, description="what grammar is less sure of is _unknown_")
    ] = 0.5
    early_s: Annotated[
        float,
        Meta(ge=0, le=10, description="silence in which a sure command is answered; 0: never"),
    ] = 0.06
    early_confidence: Annotated[
        float, Meta(ge=0, le=1, description="how sure it must be for that")
    ] = 0.9
    ahead_s: Annotated[
        float, Meta(ge=0, le=10, description="silence in which it is asked already; 0: at the end")
    ] = 0.2
    address: Annotated[
        str, Meta(description="of a wyoming service, as in tcp://server:10300; sound is sent there")
    ] = ""
    language: Annotated[str, Meta(description="what is spoken, as in en; empty: found out")] = "en"
    deadline_s: Annotated[
        float, Meta(ge=0.1, le=120, description="an answer that takes longer is given up")
    ] = 10.0


class HealthSettings(Branch, frozen=True, kw_only=True):
    """What tells how the daemon is."""

    metrics_port: Annotated[
        int,
        Meta(ge=0, le=65_535, description="loopback port for Prometheus; 0: none ([metrics])"),
    ] = 0


class Settings(Branch, frozen=True, kw_only=True):
    """The whole tree."""

    models: Annotated[
        list[str], Meta(min_length=1, description="trigger models, by shipped name or path")
    ] = msgspec.field(default_factory=lambda: ["activate"])
    audio: AudioSettings = AudioSettings()
    gate: GateSettings = GateSettings()
    detector: DetectorSettings = DetectorSettings()
    segment: SegmentSettings = SegmentSettings()
    chime: ChimeSettings = ChimeSettings()
    bus: BusSettings = BusSettings()
    recognizer: RecognizerSettings = RecognizerSettings()
    health: HealthSettings = HealthSettings()


Ending = Literal["silence", "longest", "nothing", "wake", "end"]
