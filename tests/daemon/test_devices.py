"""Devices as they come: odd rates, overflows, silence, refusals, from a stand-in for PortAudio."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from wakeful.daemon import devices, live, microphone
from wakeful.daemon.devices import (
    DeviceError,
    InputDevice,
    NoDeviceError,
    NoPortAudioError,
    choose,
    input_devices,
)
from wakeful.daemon.microphone import Microphone


class PortAudioError(Exception):
    """As sounddevice has it."""


class FakePortAudio:
    """A sounddevice module with devices of our choosing; the test plays the hardware."""

    PortAudioError = PortAudioError

    def __init__(
        self, *found, takes_16_khz=False, refusal="", refuses_late=False, default=0, mute=False
    ):
        self.found, self.takes_16_khz, self.mute = found, takes_16_khz, mute
        self.refusal, self.refuses_late = refusal, refuses_late
        self.default = SimpleNamespace(device=[default, -1])
        self.stream = None

    def query_hostapis(self):
        """One host."""
        return [{"name": "ALSA"}]

    def query_devices(self):
        """Those of our choosing, and a loudspeaker."""
        mics = [
            {"name": n, "hostapi": 0, "max_input_channels": c, "default_samplerate": r}
            for n, c, r in self.found
        ]
        speaker = {"name": "Speaker", "hostapi": 0, "max_input_channels": 0}
        return [*mics, speaker | {"default_samplerate": 48_000}]

    def check_input_settings(self, **_):
        """Only some take 16 kHz mono."""
        if not self.takes_16_khz:
            raise PortAudioError("Invalid sample rate")

    def RawInputStream(self, **options):  # noqa: N802
        """Opened, or refused."""
        if self.refusal and not self.refuses_late:
            raise PortAudioError(self.refusal)
        self.stream = FakeStream(self, **options)
        return self.stream


class FakeStream:
    """Calls back when the test says so."""

    def __init__(self, portaudio, **options):
        self.portaudio, self.options, self.closed = portaudio, options, 0

    def start(self):
        """The hardware runs: a block of silence comes at once, unless it is mute."""
        if self.portaudio.refuses_late:
            raise PortAudioError(self.portaudio.refusal)
        if not self.portaudio.mute:
            self.play(np.zeros((self.options["blocksize"], self.options["channels"]), np.int16))

    def abort(self, ignore_errors):
        """The hardware stops."""

    def close(self, ignore_errors):
        """Count it."""
        self.closed += 1

    def play(self, frames, overflow=False):
        """Sound arrives, block by block, as PortAudio brings it."""
        size = self.options["blocksize"]
        for at in range(0, len(frames), size):
            block = frames[at : at + size]
            status = SimpleNamespace(input_overflow=overflow)
            self.options["callback"](block.tobytes(), len(block), None, status)


@pytest.fixture
def portaudio(monkeypatch):
    """Puts a fake in the place of sounddevice."""

    def use(*found, **options):
        fake = FakePortAudio(*found, **options)
        monkeypatch.setattr(devices, "portaudio", lambda: fake)
        monkeypatch.setattr(microphone, "portaudio", lambda: fake)
        return fake

    return use


def tone(rate_hz, channels, seconds=1.0):
    """440 Hz on all channels."""
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    mono = (8_000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
    return np.repeat(mono[:, np.newaxis], channels, axis=1)


def read_at_least(mic, count):
    """Reads on until there is so much."""
    parts: list[np.ndarray] = []
    while sum(len(part) for part in parts) < count:
        parts.append(mic.read(16_000))
    return np.concatenate(parts)


FORMATS = [(44_100, 2), (48_000, 1), (8_000, 2), (96_000, 6)]


@pytest.mark.parametrize(("rate_hz", "channels"), FORMATS)
def test_a_device_of_any_rate_and_channels(portaudio, rate_hz, channels):
    """What the device has comes out as 16 kHz mono, at its pitch, nothing lost."""
    fake = portaudio(("Odd", channels, rate_hz))
    mic = Microphone()
    assert mic.channels == min(2, channels)
    fake.stream.play(tone(rate_hz, mic.channels))
    heard = read_at_least(mic, 14_000).astype(float)[400:]
    t = np.arange(len(heard)) / 16_000
    parts = [np.dot(heard, f(2 * np.pi * 440 * t)) for f in (np.sin, np.cos)]
    assert np.hypot(*parts) > 0.98 * np.sqrt(np.dot(heard, heard) * len(heard) / 2)
    assert mic.lost_samples == 0


def test_sixteen_kilohertz_is_taken_as_it_is(portaudio):
    """A device that takes 16 kHz mono gives its samples untouched."""
    fake = portaudio(("Good", 4, 48_000), takes_16_khz=True)
    mic = Microphone()
    sound = tone(16_000, 1)
    fake.stream.play(sound)
    first = fake.stream.options["blocksize"]
    assert np.array_equal(read_at_least(mic, first + len(sound))[first:], sound[:, 0])


def test_what_is_lost_is_counted(portaudio):
    """Overflows in the device, and sound that nobody fetched in time, are both counted."""
    fake = portaudio(("Good", 1, 16_000), takes_16_khz=True)
    mic = Microphone()
    fake.stream.play(tone(16_000, 1, 0.1), overflow=True)
    block = fake.stream.options["blocksize"]
    in_device = -(-1_600 // block) * block
    assert mic.lost_samples == in_device
    fake.stream.play(tone(16_000, 1, 7.0))
    heard = read_at_least(mic, 4 * 16_000)
    assert len(heard) == 4 * 16_000
    assert mic.lost_samples == in_device + round(3.1 * 16_000) + block


def test_a_device_that_goes_silent_is_told(portaudio, monkeypatch):
    """No callback for too long is an error, though the device reports none."""
    monkeypatch.setattr(live, "_SILENT_S", 0.05)
    fake = portaudio(("Mute", 1, 16_000), takes_16_khz=True)
    mic = Microphone()
    fake.stream.play(tone(16_000, 1, 0.1))
    read_at_least(mic, 1_600)
    with pytest.raises(DeviceError, match="'Mute' has given no sound"):
        mic.read(100)
    mic.close()
    assert fake.stream.closed == 1


def test_a_device_without_sound_does_not_open(portaudio, monkeypatch):
    """A device that never calls back is refused, and given back."""
    monkeypatch.setattr(live, "_FIRST_SOUND_S", 0.05)
    fake = portaudio(("Mute", 1, 16_000), takes_16_khz=True, mute=True)
    with pytest.raises(DeviceError, match="'Mute'"):
        Microphone()
    assert fake.stream.closed == 1


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        ("Device unavailable [PaErrorCode -9985]", "another program holds it"),
        ("Invalid number of channels", "wakeful devices"),
    ],
)
def test_a_refusal_is_one_line(portaudio, refusal, advice):
    """A busy device and one that can't be opened are told in one line, with what to do."""
    portaudio(("Busy", 1, 48_000), refusal=refusal)
    with pytest.raises(DeviceError, match=advice) as error:
        Microphone()
    assert "\n" not in str(error.value)
    assert "'Busy'" in str(error.value)


def test_a_refusal_at_the_start_leaves_nothing_open(portaudio):
    """A device that opens and then does not start is given back."""
    fake = portaudio(("Odd", 1, 48_000), refusal="Unanticipated host error", refuses_late=True)
    with pytest.raises(DeviceError, match="Unanticipated host error"):
        Microphone()
    assert fake.stream.closed == 1


def test_sample_zero_is_dated_by_the_sound(portaudio, monkeypatch):
    """Sample 0 was heard a block before the first callback, however long opening took."""
    portaudio(("Good", 1, 16_000), takes_16_khz=True)
    monkeypatch.setattr("time.time", lambda: 1_000.0)
    assert Microphone().opened_at == pytest.approx(999.97)


def test_a_missing_portaudio_names_its_package(monkeypatch, tmp_path):
    """sounddevice raises OSError at its import where the library is missing."""
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(NoPortAudioError, match="apt install libportaudio2"):
        Microphone()


def test_listing(portaudio):
    """Devices keep PortAudio's numbers, the loudspeaker is left out, one is the default."""
    portaudio(("Built-in", 2, 48_000.0), ("USB Mic", 1, 44_100.0), default=1)
    assert input_devices() == [
        InputDevice(0, "Built-in", "ALSA", 2, 48_000, is_default=False),
        InputDevice(1, "USB Mic", "ALSA", 1, 44_100, is_default=True),
    ]


def test_without_a_default_the_first_is_chosen(portaudio):
    """PortAudio says -1 where it has no default."""
    portaudio(("Built-in", 2, 48_000), ("USB Mic", 1, 44_100), default=-1)
    assert choose("").name == "Built-in"


def test_choosing(portaudio):
    """By nothing, by number, by part of a name, by the whole name where it is part of others."""
    portaudio(("Built-in", 2, 48_000), ("USB Mic", 1, 44_100), ("USB Mic 2", 1, 16_000), default=1)
    assert choose("").name == "USB Mic"
    assert choose("2").name == "USB Mic 2"
    assert choose("built").name == "Built-in"
    assert choose("usb mic").name == "USB Mic"
    with pytest.raises(NoDeviceError, match=r"more than one of these: 1 USB Mic; 2 USB Mic 2"):
        choose("usb")
    with pytest.raises(NoDeviceError, match=r"not one of these: 0 Built-in; 1 USB Mic; 2 USB"):
        choose("7")


def test_no_device_at_all(portaudio):
    """A machine with only a loudspeaker has no microphone, and that is said."""
    portaudio()
    with pytest.raises(NoDeviceError, match="no microphone"):
        choose("")
