"""Files and pipes: all formats come out as 16 kHz mono, any cut the same; faults have names."""

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wakeful.daemon.files import FileError, SoundFile
from wakeful.daemon.pacing import Paced
from wakeful.daemon.pcm import PipeError, RawPipe
from wakeful.daemon.resample import Resampler
from wakeful.daemon.source import SourceError


def tone(rate_hz, duration_s=1.0, frequency_hz=440.0):
    """A tone at -12 dBFS, float."""
    t = np.arange(round(rate_hz * duration_s)) / rate_hz
    return 0.25 * np.sin(2 * np.pi * frequency_hz * t)


def read_all(source, size=4_096):
    """Everything a source gives."""
    parts = []
    while len(part := source.read(size)):
        assert part.dtype == np.int16
        assert len(part) <= size
        parts.append(part)
    source.close()
    source.close()
    return np.concatenate(parts)


def likeness(heard, rate_hz=16_000, frequency_hz=440.0):
    """How much of a sound is the tone, 0 to 1."""
    t = np.arange(len(heard)) / rate_hz
    sound = heard - heard.mean()
    parts = [np.dot(sound, f(2 * np.pi * frequency_hz * t)) for f in (np.sin, np.cos)]
    return np.hypot(*parts) / np.sqrt(np.dot(sound, sound) * len(heard) / 2)


FORMATS = [
    *(("WAV", subtype) for subtype in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("FLAC", subtype) for subtype in ("PCM_16", "PCM_24")),
    *(("OGG", subtype) for subtype in ("VORBIS", "OPUS")),
    ("MP3", "MPEG_LAYER_III"),
    ("AIFF", "PCM_16"),
]


@pytest.mark.parametrize(("kind", "subtype"), FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format(tmp_path, kind, subtype, channels):
    """The tone comes out of every format at its pitch and level, whatever the channels."""
    path = tmp_path / f"tone.{kind.lower()}"
    sound = np.repeat(tone(48_000)[:, np.newaxis], channels, axis=1)
    soundfile.write(path, sound, 48_000, subtype=subtype, format=kind)
    heard = read_all(SoundFile(path, 0.0))
    assert abs(len(heard) - 16_000) <= 32
    assert likeness(heard[1_000:-1_000]) > 0.98
    assert np.sqrt(np.mean(heard.astype(float) ** 2)) == pytest.approx(5_793, rel=0.03)


@pytest.mark.parametrize(
    "rate_hz", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000]
)
def test_every_rate(tmp_path, rate_hz):
    """From 8 to 192 kHz the tone keeps its pitch and its length."""
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(rate_hz), rate_hz)
    heard = read_all(SoundFile(path, 0.0))
    assert abs(len(heard) - 16_000) <= 32
    assert likeness(heard[1_000:-1_000]) > 0.99


def test_sixteen_kilohertz_passes_untouched(tmp_path, voice):
    """What is 16 kHz mono already comes out to the bit."""
    path = tmp_path / "voice.flac"
    soundfile.write(path, voice, 16_000)
    assert np.array_equal(read_all(SoundFile(path, 0.0)), voice)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(size=st.integers(1, 30_000))
def test_any_read_size_gives_the_same(tmp_path, size):
    """How much is asked for at once changes nothing."""
    path = tmp_path / "tone.wav"
    if not path.exists():
        soundfile.write(path, tone(44_100, 0.5), 44_100)
    assert np.array_equal(read_all(SoundFile(path, 0.0), size), read_all(SoundFile(path, 0.0)))


@settings(max_examples=30)
@given(
    rate_hz=st.sampled_from([8_000, 16_000, 44_100, 48_000]),
    channels=st.integers(1, 3),
    cuts=st.lists(st.integers(0, 9_000), max_size=8),
)
def test_resampling_in_any_pieces(rate_hz, channels, cuts):
    """The resampler's output does not depend on how its input was cut, to the bit."""
    rng = np.random.default_rng(0)
    frames = rng.integers(-20_000, 20_000, (9_000, channels)).astype(np.int16)
    whole, pieces = Resampler(rate_hz, channels), Resampler(rate_hz, channels)
    expected = np.concatenate([whole.feed(frames), whole.flush()])
    edges = [0, *sorted(cuts), len(frames)]
    parts = [pieces.feed(frames[a:b]) for a, b in pairwise(edges)]
    assert np.array_equal(np.concatenate([*parts, pieces.flush()]), expected)
    again = np.concatenate([pieces.feed(frames), pieces.flush()])
    assert np.array_equal(again, expected)


def test_too_loud_and_not_a_number(tmp_path):
    """Float sound beyond full scale is clipped; what is not a number is silence."""
    path = tmp_path / "odd.wav"
    sound = np.array([0.0, 3.0, -3.0, np.nan, np.inf, -np.inf] * 50, np.float32)
    soundfile.write(path, sound, 16_000, subtype="FLOAT")
    heard = read_all(SoundFile(path, 0.0))[:6]
    assert heard.tolist() == [0, 32_767, -32_768, 0, 32_767, -32_768]


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_channels_that_are_no_numbers_mix(rate_hz):
    """Opposite infinities cancel, a broken channel leaves the other; neither warns nor spreads."""
    ill = np.tile(np.array([[np.inf, -np.inf], [3e38, -3e38]], np.float32), (rate_hz // 2, 1))
    assert not Resampler(rate_hz, 2).feed(ill).any()
    half = np.tile(np.array([[np.nan, 0.5]], np.float32), (rate_hz, 1))
    heard = Resampler(rate_hz, 2).feed(half)[2_000:]
    assert np.abs(heard - 8_192.0).max() <= 1


def spoil(path, kind):
    """Make a file that is wrong in one way."""
    soundfile.write(path, tone(16_000), 16_000)
    content = path.read_bytes()
    if kind == "empty":
        content = b""
    elif kind == "text":
        content = b"This is no sound at all, but a sentence.\n" * 30
    elif kind == "no samples":
        content = content[:40] + (0).to_bytes(4, "little")
    elif kind == "half a header":
        content = content[:20]
    elif kind == "absurd rate":
        content = content[:24] + (2_000_000_000).to_bytes(4, "little") + content[28:]
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["empty", "text", "no samples", "half a header", "absurd rate"])
def test_spoiled_files_are_told(tmp_path, kind):
    """Each way to be no sound is one line that names the file."""
    path = tmp_path / "spoiled.wav"
    spoil(path, kind)
    with pytest.raises(FileError) as error:
        read_all(SoundFile(path, 0.0))
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "folder"),
        ("none.wav", "No such file"),
        ("fifo", "is a pipe"),
        ("/dev/null", "or a device"),
        ("x" * 5_000, "name too long"),
        ("nul\0", "no file name"),
    ],
    ids=lambda value: value[:12],
)
def test_what_is_no_file_is_told(tmp_path, name, expected):
    """Folders, pipes, devices and what isn't there have lines of their own; none is waited for."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(FileError, match=expected):
        SoundFile(tmp_path / name, 0.0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else_is_told(tmp_path):
    """What may not be read is no corrupt file: the system's own reason is told."""
    path = tmp_path / "private.wav"
    soundfile.write(path, tone(16_000), 16_000)
    path.chmod(0)
    with pytest.raises(FileError, match="Permission denied"):
        SoundFile(path, 0.0)


def test_a_wav_cut_short_is_played_and_told(tmp_path):
    """A recording that broke off is played as far as it goes, and the shortfall is told."""
    path = tmp_path / "cut.wav"
    soundfile.write(path, tone(16_000), 16_000)
    path.write_bytes(path.read_bytes()[: 44 + 2 * 5_000])
    file = SoundFile(path, 0.0)
    assert "cut short" in file.warning
    assert len(read_all(file)) == 5_000


@pytest.mark.parametrize("promised", [0xFFFF_FFFF, 0x8000_0000, 0x7FFF_FFFF])
def test_a_wav_written_to_a_pipe_is_whole(tmp_path, promised):
    """Who writes a WAV to a pipe can't know its length: the promise it makes is not believed."""
    path = tmp_path / "piped.wav"
    soundfile.write(path, tone(16_000), 16_000)
    content, length = path.read_bytes(), promised.to_bytes(4, "little")
    path.write_bytes(content[:4] + length + content[8:40] + length + content[44:])
    file = SoundFile(path, 0.0)
    assert not file.warning
    assert len(read_all(file)) == 16_000


def test_a_wav_of_odd_length_is_whole(tmp_path):
    """Eight-bit sound without the padding byte that the format asks for misses nothing."""
    path = tmp_path / "odd.wav"
    soundfile.write(path, tone(16_000)[:15_999], 16_000, subtype="PCM_U8")
    path.write_bytes(path.read_bytes()[: 44 + 15_999])
    file = SoundFile(path, 0.0)
    assert not file.warning
    assert len(read_all(file)) == 15_999


def test_many_channels_take_no_more_memory_at_once(tmp_path):
    """A piece of a file is as large with 64 channels as with one, and is still the mean of all."""
    path = tmp_path / "array.wav"
    sound = np.zeros((16_000, 64))
    sound[:, :16] = tone(16_000)[:, np.newaxis]
    soundfile.write(path, sound, 16_000)
    source = SoundFile(path, 0.0)
    assert len(source.read(10**6)) == 256
    assert np.abs(read_all(source)).max() == pytest.approx(0.25 * 0.25 * 32_768, abs=2)


def test_a_corrupt_flac_is_told_where_it_breaks(tmp_path):
    """A FLAC with garbage in the middle ends in an error, never in a traceback or in noise."""
    path = tmp_path / "corrupt.flac"
    soundfile.write(path, np.random.default_rng(0).normal(size=48_000) * 0.1, 16_000)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\x00" * 20_000
    path.write_bytes(content)
    with pytest.raises(FileError, match="breaks off or is corrupt"):
        read_all(SoundFile(path, 0.0))


def test_memory_stays_small(tmp_path):
    """Ten minutes are read a piece at a time, not all at once."""
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros(600 * 16_000, np.int16), 16_000)
    code = (
        "import resource, sys\n"
        "from wakeful.daemon.files import SoundFile\n"
        "source = SoundFile(sys.argv[1], 0.0); source.read(10)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "while len(source.read(16000)): pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True)
    assert int(done.stdout) < 4_096


class Pipe:
    """A real pipe with bytes in it, its write end closed."""

    def __init__(self, content):
        self.read_end, write_end = os.pipe()
        self.child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=write_end)
        os.close(write_end)
        self.content = content

    def __enter__(self):
        self.child.stdin.write(self.content)
        self.child.stdin.close()
        return self

    def __exit__(self, *_):
        os.close(self.read_end)
        self.child.wait()

    def fileno(self):
        """What the source reads."""
        return self.read_end

    def isatty(self):
        """A pipe is none."""
        return False


@pytest.mark.parametrize("odd", [b"", b"\x01"])
def test_raw_sound_from_a_pipe(voice, odd):
    """Raw samples come as they were written; an odd last byte is dropped."""
    with Pipe(voice.tobytes() + odd) as pipe:
        assert np.array_equal(read_all(RawPipe(pipe, 0.0), 1_000), voice)


def test_stereo_of_another_rate_from_a_pipe():
    """Rate and channels as told: the tone keeps its pitch."""
    sound = (np.repeat(tone(44_100)[:, np.newaxis], 2, axis=1) * 32_767).astype("<i2")
    with Pipe(sound.tobytes()) as pipe:
        heard = read_all(RawPipe(pipe, 0.0, 44_100, 2))
    assert likeness(heard[1_000:-1_000]) > 0.99


@pytest.mark.parametrize("content", [b"", b"\x01"])
def test_a_pipe_with_nothing_in_it_just_ends(content):
    """No sound is no error."""
    with Pipe(content) as pipe:
        assert not len(RawPipe(pipe, 0.0).read(100))


@pytest.mark.parametrize("magic", [b"RIFF", b"fLaC", b"OggS"])
def test_a_header_in_a_pipe_is_told(magic):
    """A sound file piped where raw samples belong is refused, not played as noise."""
    with Pipe(magic + bytes(1_000)) as pipe, pytest.raises(PipeError, match="--input"):
        RawPipe(pipe, 0.0).read(100)


def test_a_pipe_that_does_not_wait_is_waited_for(voice):
    """A descriptor that another program made non-blocking is no end and no error."""
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as stream:
        os.set_blocking(read_end, False)
        source = RawPipe(stream, 0.0)
        writer = subprocess.Popen(
            ["sh", "-c", "sleep 0.1; cat"], stdin=subprocess.PIPE, stdout=write_end
        )
        os.close(write_end)
        writer.communicate(voice[:8_000].tobytes())
        assert np.array_equal(read_all(source), voice[:8_000])


def test_live_sound_is_not_held_back(voice):
    """What a live pipe has so far is handed on at once, however much was asked for."""
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as stream, os.fdopen(write_end, "wb", buffering=0) as live:
        source = RawPipe(stream, 0.0)
        for start in range(0, 1_600, 160):
            live.write(voice[start : start + 160].tobytes())
            assert np.array_equal(source.read(16_000), voice[start : start + 160])


def test_a_folder_as_standard_input_is_told(tmp_path):
    """What can be opened and not read is a line, not a traceback."""
    descriptor = os.open(tmp_path, os.O_RDONLY)

    class Folder:
        def fileno(self):
            """A folder's."""
            return descriptor

        def isatty(self):
            """A folder is none."""
            return False

    with pytest.raises(PipeError, match="can't be read"):
        RawPipe(Folder(), 0.0).read(100)
    os.close(descriptor)


def test_a_terminal_is_told():
    """Waiting for raw sound from a keyboard is a mistake that is told."""

    class Terminal:
        def fileno(self):
            """Never read."""
            return 0

        def isatty(self):
            """A terminal is one."""
            return True

    with pytest.raises(PipeError, match="is a terminal"):
        RawPipe(Terminal(), 0.0)


@pytest.mark.parametrize(("rate_hz", "channels"), [(0, 1), (100, 1), (16_000, 0), (10**9, 1)])
def test_impossible_formats_are_told(rate_hz, channels):
    """A rate or a number of channels that nothing has is refused in one line."""
    with pytest.raises(SourceError, match="can't be used"):
        Resampler(rate_hz, channels)


def test_pacing_keeps_real_time(tmp_path, voice):
    """A paced file never runs ahead of the clock, and does not sleep when it is behind."""
    path = tmp_path / "voice.wav"
    soundfile.write(path, voice, 16_000)
    now, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    source = Paced(SoundFile(path, 7.0), clock=lambda: now[0], sleep=sleep)
    assert (source.name, source.opened_at, source.lost_samples) == (f"file:{path}", 7.0, 0)
    first = len(source.read(8_000))
    assert now[0] == pytest.approx(100 + first / 16_000)
    now[0] += 2.0
    source.read(8_000)
    assert len(slept) == 1
    source.close()
