"""``wakeful speech``, from a package archive made here, by the real apt-get and dpkg-deb."""

import fcntl
import hashlib
import json
import shutil
import signal
import subprocess
import sys

import pytest
import soundfile
from click.testing import CliRunner
from speech_archives import mp3, queen_archive, sky_disk
from wakeful.models.errors import UsageError
from wakeful.synth import debian_package
from wakeful.synth.recording import SpeechError
from wakeful.synth.speech_command import speech
from wakeful.synth.speech_install import install_speech
from wakeful.synth.speech_sources import SOURCES, known_sources
from wakeful.training.corpus import sound_files
from wakeful.training.train_options import used_data

pytestmark = pytest.mark.skipif(
    not shutil.which("apt-get") or not shutil.which("dpkg-deb"), reason="needs Debian or Ubuntu"
)

APT = """
Dir::Etc "{at}/etc"; Dir::Etc::sourcelist "sources.list"; Dir::Etc::sourceparts "-";
Dir::State "{at}/state"; Dir::State::status "/dev/null"; Dir::Cache "{at}/cache";
APT::Sandbox::User "root";
"""
KILLED_AT = """
import os, signal, sys
from pathlib import Path
from wakeful.synth.speech_install import install_speech
from wakeful.synth.speech_sources import SOURCES
def progress(done, total):
    if done == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
install_speech("drascula", SOURCES["drascula"], Path(sys.argv[1]), progress)
"""


class Archive:
    """A folder that apt-get takes for Debian's archive; packages are built into it."""

    def __init__(self, at):
        self.at = at
        for folder in ("state/lists/partial", "cache/archives/partial", "etc", "pool"):
            (at / folder).mkdir(parents=True)
        (at / "etc" / "sources.list").write_text(f"deb [trusted=yes] copy:{at}/pool ./\n")
        (at / "apt.conf").write_text(APT.format(at=at))

    def add(self, package, fill, copyright_text="may be shared"):
        """Build a package of what `fill` writes into a folder, and have apt-get know it."""
        tree = self.at / "trees" / package
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN" / "control").write_text(
            f"Package: {package}\nVersion: 1:2.5-1\nArchitecture: all\n"
            "Maintainer: Nobody <nobody@example.org>\nDescription: speech\n"
        )
        told = tree / "usr" / "share" / "doc" / package / "copyright"
        told.parent.mkdir(parents=True)
        told.write_text(copyright_text)
        (tree / "usr" / "games").mkdir()
        fill(tree / "usr" / "games")
        deb = self.at / "pool" / f"{package}_2.5-1_all.deb"
        self._run("dpkg-deb", "-Znone", "--root-owner-group", "--build", tree, deb)
        self._list(deb)

    def _list(self, deb):
        content = deb.read_bytes()
        control = self._run("dpkg-deb", "--field", deb).rstrip()
        with (self.at / "pool" / "Packages").open("a") as listed:
            listed.write(
                f"{control}\nFilename: ./{deb.name}\nSize: {len(content)}\n"
                f"SHA256: {hashlib.sha256(content).hexdigest()}\n\n"
            )
        self._run("apt-get", "-q", "update")

    def _run(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Nothing in it yet; apt-get asks no other."""
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "archive" / "apt.conf"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return Archive(tmp_path / "archive")


@pytest.fixture
def lines(voice):
    """Fills a package with seven of Drascula's lines, one of which is silence."""

    def fill(folder):
        (folder / "en").mkdir()
        said = ((voice[8_000:] >> 8) + 128).clip(0, 255).astype("uint8")
        for number in range(6):
            (folder / "en" / f"{number}.ALS").write_bytes(said[number * 500 :].tobytes())
        (folder / "en" / "silence.ALS").write_bytes(b"\x80" * 11_025)

    return fill


def contents(folder):
    """Every file's bytes, by its path."""
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def rows_of(file):
    """What a file of JSON lines holds."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_speech_is_installed_with_its_licence_and_what_training_wants(archive, lines, tmp_path):
    """FLAC at 16 kHz mono, a line for each, the silence listed apart, nothing else left behind."""
    archive.add("drascula", lines, "the licence")
    folder = tmp_path / "a folder"
    done = CliRunner().invoke(speech, ["install", str(folder), "--only", "drascula"])
    assert done.exit_code == 0, done.output
    assert "6 recordings" in done.stderr
    assert f"--negatives '{folder}' --data '{folder}/data.json'" in done.stdout
    rows = rows_of(folder / "drascula" / "manifest.jsonl")
    assert [row["source"] for row in rows] == [f"usr/games/en/{n}.ALS" for n in range(6)]
    for row in rows:
        sound = soundfile.info(folder / "drascula" / row["file"])
        assert (sound.samplerate, sound.channels) == (16_000, 1)
        assert row["seconds"] == pytest.approx(sound.duration, abs=0.001)
        assert (row["package"], row["version"]) == ("drascula", "1:2.5-1")
        assert (row["licence"], row["language"]) == ("Drascula-License", "en")
    (left,) = rows_of(folder / "drascula" / "left-out.jsonl")
    assert (left["source"], left["why"]) == ("usr/games/en/silence.ALS", "no voice")
    assert (folder / "LICENCES" / "drascula").read_text() == "the licence"
    (used,) = used_data(folder / "data.json")
    assert used.licence == "Drascula-License"
    assert used.hours == pytest.approx(sum(r["seconds"] for r in rows) / 3600, abs=0.001)
    assert sorted(p.name for p in folder.iterdir()) == ["LICENCES", "data.json", "drascula"]
    assert len(sound_files(folder)) == 6


@pytest.mark.parametrize("at", [1, 4, 7])
def test_a_killed_run_shows_nothing_and_goes_on(archive, lines, tmp_path, at):
    """SIGKILL anywhere: no half package is taken for a whole one, and the end is the same."""
    archive.add("drascula", lines)
    killed, calm = tmp_path / "killed", tmp_path / "calm"
    install_speech("drascula", SOURCES["drascula"], calm)
    command = [sys.executable, "-c", KILLED_AT, str(killed), str(at)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert not (killed / "drascula").exists()
    assert not list(killed.rglob("*.flac"))
    part = killed / ".drascula.part"
    with (part / "manifest.jsonl").open("a") as cut:
        cut.write('{"file": "0000')
    first = (part / "000001.flac.part").stat().st_mtime_ns
    shutil.rmtree(archive.at / "pool")  # what was downloaded isn't wanted again
    assert install_speech("drascula", SOURCES["drascula"], killed).recordings == 6
    assert (killed / "drascula" / "000001.flac").stat().st_mtime_ns == first
    assert contents(killed) == contents(calm)


def test_what_is_there_is_not_got_again(archive, lines, tmp_path):
    """The second time neither archive nor network is wanted, and nothing is written anew."""
    archive.add("drascula", lines)
    install_speech("drascula", SOURCES["drascula"], tmp_path / "s")
    before = contents(tmp_path / "s")
    shutil.rmtree(archive.at)
    assert install_speech("drascula", SOURCES["drascula"], tmp_path / "s").recordings == 6
    assert contents(tmp_path / "s") == before


def test_one_that_fails_keeps_no_other_from_coming(archive, lines, tmp_path):
    """A broken archive inside one package and one that isn't in this release, told in a line."""
    archive.add("drascula", lines)
    archive.add(
        "flight-of-the-amazon-queen",
        lambda folder: (folder / "queen.1c").write_bytes(b"QTBL and no more"),
    )
    names = ["amazon-queen", "ktuberling", "drascula"]
    only = [word for name in names for word in ("--only", name)]
    folder = tmp_path / "s"
    done = CliRunner().invoke(speech, ["install", str(folder), *only])
    assert isinstance(done.exception, SpeechError)
    assert str(done.exception).startswith("not installed: amazon-queen, ktuberling;")
    queen, toys, came = done.stderr.splitlines()
    assert queen.startswith("amazon-queen: ")
    assert "not MP3" in queen
    assert "ktuberling-data: not in the package lists" in toys
    assert "apt-get update" in toys
    assert came.startswith("drascula: 6 recordings")
    assert not (folder / "amazon-queen").exists()
    assert [row.name for row in used_data(folder / "data.json")] == ["drascula (Debian)"]


def test_recordings_that_cannot_be_read_are_left_out_alone(archive, voice, tmp_path):
    """A package with a broken take and a whole one is installed, and says so."""

    def fill(folder):
        said = ((voice[8_000:] >> 8) + 128).clip(0, 255).astype("uint8").tobytes()
        sky_disk(folder, {50_000: b"h" * 22 + b"RNC\x01" + b"damaged", 50_001: b"h" * 22 + said})

    archive.add("beneath-a-steel-sky", fill)
    came = install_speech("steel-sky", SOURCES["steel-sky"], tmp_path)
    assert (came.recordings, came.left_out) == (1, {"unreadable": 1})
    (left,) = rows_of(tmp_path / "steel-sky" / "left-out.jsonl")
    assert "50000: shorter than a head" in left["told"]


def test_a_package_without_speech_is_an_error(archive, tmp_path):
    """Another release may hold something else: then nothing is taken for installed."""
    archive.add("flight-of-the-amazon-queen", lambda at: queen_archive(at / "queen.1c", {}))
    with pytest.raises(SpeechError, match=r"1:2\.5-1: no speech was found"):
        install_speech("amazon-queen", SOURCES["amazon-queen"], tmp_path)
    assert not (tmp_path / "amazon-queen").exists()


def test_a_package_whose_hash_is_wrong_is_refused(archive, tmp_path):
    """What apt-get's lists don't vouch for never gets as far as being unpacked."""
    archive.add(
        "flight-of-the-amazon-queen",
        lambda at: queen_archive(at / "queen.1c", {"A.SB": mp3(0.5)}),
    )
    (deb,) = (archive.at / "pool").glob("*.deb")
    content = bytearray(deb.read_bytes())
    content[-99] ^= 1
    deb.write_bytes(content)
    with pytest.raises(SpeechError, match=r"can't be got \(.*; the same command goes on"):
        install_speech("amazon-queen", SOURCES["amazon-queen"], tmp_path / "s")


def test_a_damaged_package_is_deleted_to_be_got_anew(tmp_path):
    """What dpkg-deb can't unpack is told in one line, and doesn't stay."""
    (tmp_path / "x.deb").write_bytes(b"!<arch>\nnothing")
    with pytest.raises(SpeechError, match=r"x\.deb: can't be unpacked \("):
        debian_package.unpack(tmp_path / "x.deb", tmp_path / "tree")
    assert not (tmp_path / "x.deb").exists()


def test_a_licence_may_not_lead_out_of_its_package(tmp_path):
    """A link to a file of this machine is no licence; neither is none."""
    told = tmp_path / "tree" / "usr" / "share" / "doc" / "p" / "copyright"
    told.parent.mkdir(parents=True)
    with pytest.raises(SpeechError, match="p: says nothing of its licence"):
        debian_package.copyright_file(tmp_path / "tree", "p")
    told.symlink_to("/etc/hostname")
    with pytest.raises(SpeechError, match="p: says nothing of its licence"):
        debian_package.copyright_file(tmp_path / "tree", "p")


def test_without_apt_the_line_says_what_to_do(tmp_path, monkeypatch):
    """On another system nothing is begun."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SpeechError, match=r"no apt-get here: .* bring its folder here"):
        install_speech("drascula", SOURCES["drascula"], tmp_path / "s")


def test_two_runs_at_once_are_one_too_many(archive, lines, tmp_path):
    """The second says so, and what the first does isn't disturbed."""
    archive.add("drascula", lines)
    part = tmp_path / "s" / ".drascula.part"
    part.mkdir(parents=True)
    with (part / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SpeechError, match="another run is at work"):
            install_speech("drascula", SOURCES["drascula"], tmp_path / "s")
    assert install_speech("drascula", SOURCES["drascula"], tmp_path / "s").recordings == 6


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path):
    """What lies where speech should go, and isn't ours, is neither taken nor overwritten."""
    (tmp_path / "s" / "drascula").mkdir(parents=True)
    with pytest.raises(SpeechError, match="something else than speech of ours"):
        install_speech("drascula", SOURCES["drascula"], tmp_path / "s")
    (tmp_path / "file").write_text("")
    with pytest.raises(SpeechError, match="can't be written"):
        install_speech("drascula", SOURCES["drascula"], tmp_path / "file" / "s")


def test_the_list_says_what_there_is_and_what_is_here(archive, lines, tmp_path):
    """For people and for programs, in the same order, with the licence of each."""
    archive.add("drascula", lines)
    install_speech("drascula", SOURCES["drascula"], tmp_path / "data" / "wakeful" / "speech")
    told = CliRunner().invoke(speech, ["list"])
    assert told.exit_code == 0
    for name, source in SOURCES.items():
        (line,) = [line for line in told.stdout.splitlines() if line.startswith(f"{name} ")]
        assert source.licence in line
        assert line.endswith("(here)") == (name == "drascula")
    rows = json.loads(CliRunner().invoke(speech, ["list", "--json"]).stdout)
    assert [row["name"] for row in rows] == list(SOURCES)
    here = {row["name"]: row["installed"] for row in rows if row["installed"]}
    assert here == {"drascula": str(tmp_path / "data" / "wakeful" / "speech" / "drascula")}
    empty = CliRunner().invoke(speech, ["list", str(tmp_path / "nothing")])
    assert "none is in" in empty.stderr


def test_an_unknown_name_is_answered_with_the_nearest():
    """Before anything is got; each name counts once."""
    with pytest.raises(UsageError, match="'drakula'; did you mean drascula"):
        known_sources(["drakula"])
    assert list(known_sources(["tuxpaint", "drascula", "tuxpaint"])) == ["tuxpaint", "drascula"]
    assert known_sources([]) == SOURCES


def test_the_smallest_package_of_the_real_archive(tmp_path):
    """Downloaded without root from where this machine gets its packages, and full of prompts."""
    source = SOURCES["asterisk-it"]
    try:
        file = debian_package.download(source.package, tmp_path)
    except SpeechError as error:
        pytest.skip(str(error))
    debian_package.unpack(file, tmp_path / "tree")
    assert "CC-BY-3.0" in debian_package.copyright_file(tmp_path / "tree", source.package).decode()
    found = list(source.reader()(tmp_path / "tree"))
    assert len(found) > 400
    assert {recording.language for recording in found} == {"it"}
