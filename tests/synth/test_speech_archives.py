"""What reads each package's speech, on archives of each form made here, whole and broken."""

import contextlib
import shutil
import subprocess
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rnc_encoder import pack
from speech_archives import TONE, mp3, queen_archive, sky_disk, write_sound
from wakeful.synth import amazon_queen, drascula, spoken_files, steel_sky, telephone_prompts
from wakeful.synth.recording import RecordingError, SpeechError
from wakeful.synth.speech_sources import SOURCES
from wakeful.synth.voiced import LONGEST_S, SHORTEST_S, why_no_speech

HALF_A_SECOND = pytest.approx(8_000, abs=2)


def test_every_source_has_a_reader_that_finds_nothing_in_nothing(tmp_path):
    """The table names what there is; an empty package has no recordings, and nothing breaks."""
    for source in SOURCES.values():
        assert list(source.reader()(tmp_path)) == []
        assert source.hours > 0
        assert source.licence
        assert source.languages


def test_the_queens_speech_is_read_and_her_music_is_not(tmp_path):
    """``*.SB`` are whole MP3 files somewhere in the archive."""
    queen_archive(
        tmp_path / "queen.1c",
        {"C1.SB": mp3(0.5), "TUNE.RL": b"x" * 99, "C2.SB": mp3(1.0), "BAD.SB": b"no sound" * 9},
    )
    one, two, bad = amazon_queen.recordings(tmp_path)
    assert [one.source, two.source] == ["queen.1c:C1.SB", "queen.1c:C2.SB"]
    assert abs(len(one.sound()) - 8_000) < 2_500  # MP3 has frames, and silence before and after
    assert len(two.sound()) - len(one.sound()) == pytest.approx(8_000, abs=1_700)
    with pytest.raises(RecordingError, match=r"queen\.1c:BAD\.SB: not readable"):
        bad.sound()


def test_another_archive_of_the_queen_is_told(tmp_path):
    """Not hers, not MP3, or cut off in its table: one line, which names the file."""
    archive = tmp_path / "queen.1c"
    for compression, keep, told in (
        (1, 10, "no archive"),
        (0, None, "not MP3"),
        (1, 30, "cut off"),
    ):
        queen_archive(archive, {"A.SB": b"", "B.SB": b""}, compression)
        archive.write_bytes(archive.read_bytes()[:keep])
        with pytest.raises(SpeechError, match=told):
            list(amazon_queen.recordings(tmp_path))


@settings(max_examples=40)
@given(st.data())
def test_a_damaged_archive_never_breaks_its_reader(tmp_path_factory, data):
    """Whatever a byte of either game's tables says, there is sound or an error of ours."""
    folder = tmp_path_factory.mktemp("damaged")
    packed, _ = pack([[(TONE[:600],)]])
    queen_archive(folder / "queen.1c", {"A.SB": mp3(0.1)})
    sky_disk(folder, {50_001: b"h" * 22 + packed})
    for name in ("queen.1c", "sky.dnr", "sky.dsk"):
        content = bytearray((folder / name).read_bytes())
        at = data.draw(st.integers(0, min(60, len(content) - 1)), label=name)
        content[at] = data.draw(st.integers(0, 255))
        (folder / name).write_bytes(content[: data.draw(st.integers(0, len(content)))])
    for reader in (amazon_queen.recordings, steel_sky.recordings):
        with contextlib.suppress(SpeechError):
            for recording in reader(folder):
                assert np.isfinite(recording.sound()).all()


@pytest.mark.parametrize("far", [False, True])
def test_the_skys_speech_is_read_packed_and_unpacked(tmp_path, far):
    """Packed with RNC or not, near or far on the disk; what isn't speech by its number is not."""
    packed, _ = pack([[(TONE[:3_000],)], [(TONE[3_000:],)]])
    head = b"h" * 22
    sky_disk(tmp_path, {50_000: head + packed, 1_234: b"picture", 50_007: head + TONE}, far)
    first, second = steel_sky.recordings(tmp_path)
    assert [first.source, second.source] == ["sky.dsk:50000", "sky.dsk:50007"]
    assert len(first.sound()) == HALF_A_SECOND
    np.testing.assert_array_equal(first.sound(), second.sound())
    assert 0.6 < np.abs(first.sound()).max() < 0.9


def test_one_broken_line_of_the_sky_is_one(tmp_path):
    """A damaged block and one beyond the disk's end are told by number; the next is read."""
    packed, _ = pack([[(TONE,)]])
    damaged = b"h" * 22 + packed[:-9] + bytes(9)
    sky_disk(tmp_path, {50_001: damaged, 50_003: b"h" * 22 + TONE, 50_002: b"h" * 5_000})
    disk = tmp_path / "sky.dsk"
    disk.write_bytes(disk.read_bytes()[:-4_000])
    damage, whole, beyond = steel_sky.recordings(tmp_path)
    with pytest.raises(RecordingError, match="50001: wrong checksum"):
        damage.sound()
    with pytest.raises(RecordingError, match="50002: lies outside"):
        beyond.sound()
    assert len(whole.sound()) == HALF_A_SECOND
    (tmp_path / "sky.dnr").write_bytes((tmp_path / "sky.dnr").read_bytes()[:-1])
    with pytest.raises(SpeechError, match="cut off; 3 files"):
        list(steel_sky.recordings(tmp_path))
    disk.unlink()
    with pytest.raises(SpeechError, match=r"no sky\.dsk"):
        list(steel_sky.recordings(tmp_path))


def test_drasculas_lines_have_no_head(tmp_path):
    """Each byte is a sample."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "7.ALS").write_bytes(TONE)
    (tmp_path / "en" / "8.ALS").write_bytes(b"")
    (tmp_path / "en" / "7.ALG").write_bytes(TONE)
    line, empty = drascula.recordings(tmp_path)
    assert (line.source, line.language) == ("en/7.ALS", "en")
    assert len(line.sound()) == HALF_A_SECOND
    with pytest.raises(RecordingError, match="is empty"):
        empty.sound()


def test_prompts_as_wav_are_read_without_their_silences(tmp_path):
    """The language is in the folder's name, whoever spoke."""
    sounds = tmp_path / "sounds" / "fr_CA_f_June"
    write_sound(sounds / "digits" / "1.wav")
    write_sound(sounds / "silence" / "1.wav")
    (only,) = telephone_prompts.recordings(tmp_path)
    assert (only.source, only.language) == ("sounds/fr_CA_f_June/digits/1.wav", "fr")
    assert len(only.sound()) == HALF_A_SECOND


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="apt install ffmpeg")
def test_prompts_as_g722_are_read_many_at_once(tmp_path):
    """As long as they were and as they sounded; an empty one fails alone."""
    sounds = tmp_path / "en_US_f_Allison"
    for number in range(3):
        write_sound(sounds / f"{number}.wav", 0.5 + number / 4)
        made = ["ffmpeg", "-v", "error", "-i", f"{sounds}/{number}.wav", "-ar", "16000"]
        made += ["-f", "g722", f"{sounds}/{number}.g722"]
        subprocess.run(made, check=True, stdin=subprocess.DEVNULL)
    wide = [r for r in telephone_prompts.recordings(tmp_path) if r.source.endswith(".wav")]
    wav = {r.source[-5]: r.sound() for r in wide}
    for file in sounds.glob("*.wav"):
        file.unlink()
    (sounds / "1x.g722").write_bytes(b"")
    for recording in telephone_prompts.recordings(tmp_path):
        stem = recording.source.split("/")[-1].removesuffix(".g722")
        if stem == "1x":
            with pytest.raises(RecordingError, match=r"1x\.g722"):
                recording.sound()
            continue
        sound = recording.sound()
        assert len(sound) == pytest.approx(len(wav[stem]), abs=160)
        spectra = [np.abs(np.fft.rfft(s[:8_000])).argmax() for s in (sound, wav[stem])]
        assert spectra[0] == spectra[1]
    assert not [r for r in telephone_prompts.recordings(tmp_path) if "decoded" in r.source]


def test_no_program_for_g722_means_the_narrow_package(tmp_path, monkeypatch):
    """What can't be read isn't got."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert SOURCES["asterisk-it"].wanted() == "asterisk-core-sounds-it-wav"
    assert SOURCES["drascula"].wanted() == "drascula"


def test_spoken_files_say_their_language(tmp_path):
    """By folder or by ending; what has none is music, or the sound that a thing makes."""
    for name in ("sound/reef/cs/a.ogg", "sound/reef/boom.ogg", "music/menu.ogg"):
        write_sound(tmp_path / "fish" / name)
    for name in ("sounds/de/hut.wav", "sounds/uk/ear.opus", "sounds/sr@latin/hat.ogg"):
        write_sound(tmp_path / "toys" / name)
    for name in ("cow.ogg", "cow_desc.ogg", "cow_desc_fr.ogg", "6_zh_tw.ogg", "6_en_GB.ogg"):
        write_sound(tmp_path / "stamps" / name)
    write_sound(tmp_path / "stamps" / "crane_hook.ogg")
    write_sound(tmp_path / "stamps" / "cow_desc_da.ogg.ogg")

    def found(reader, folder):
        return Counter(r.language for r in reader(tmp_path / folder) if len(r.sound()) > 7_000)

    assert found(spoken_files.dialogues, "fish") == Counter(cs=1)
    assert found(spoken_files.toys, "toys") == Counter({"de": 1, "uk": 1, "sr@latin": 1})
    expected = Counter({"en": 1, "fr": 1, "zh_tw": 1, "en_GB": 1, "da": 1})
    assert found(spoken_files.stamps, "stamps") == expected


def test_a_content_counts_once(tmp_path):
    """Languages that share a recording are not heard twice; a link is none of the package's."""
    write_sound(tmp_path / "sounds" / "sr" / "hat.ogg")
    (tmp_path / "sounds" / "hr").mkdir()
    shutil.copy(tmp_path / "sounds" / "sr" / "hat.ogg", tmp_path / "sounds" / "hr" / "hat.ogg")
    (tmp_path / "sounds" / "hr" / "link.ogg").symlink_to("/dev/zero")
    assert [r.source for r in spoken_files.toys(tmp_path)] == ["sounds/hr/hat.ogg"]


def test_speech_is_told_from_noises(voice):
    """A voice is kept from 0.3 s to 60 s; silence, hiss and all that is shorter or longer isn't."""
    said = voice[8_000:].astype(np.float32) / 32_768
    hiss = np.random.default_rng(1).normal(scale=0.01, size=16_000).astype(np.float32)
    assert why_no_speech(said) == ""
    assert why_no_speech(hiss) == why_no_speech(np.zeros(16_000, np.float32)) == "no voice"
    for length_s, why in ((SHORTEST_S, ""), (LONGEST_S, "")):
        exact = np.resize(said[1_000:9_000], round(length_s * 16_000))
        assert why_no_speech(exact) == why
    assert why_no_speech(exact[: round(SHORTEST_S * 16_000) - 1]) == "too short"
    assert why_no_speech(np.append(exact, 0).astype(np.float32)) == "too long"
    assert why_no_speech(np.zeros(0, np.float32)) == "too short"
