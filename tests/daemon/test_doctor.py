"""What the doctor says of what is well, and of each thing that isn't, with what to do."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sound_server import missing, sound_server
from wakeful.daemon import checks_machine, checks_models, checks_service, checks_sound, doctor
from wakeful.daemon.doctor_command import doctor as command
from wakeful.daemon.files import SoundFile
from wakeful.daemon.finding import Case, Finding
from wakeful.daemon.meter import Meter
from wakeful.daemon.settings import BusSettings, HealthSettings, Settings
from wakeful.daemon.spoken import judge, listen_to
from wakeful.models.bundle import PRETRAINED

WAKEFUL = Path(sys.executable).with_name("wakeful")
STATES = {"ok", "warning", "failed", "skipped"}


@pytest.fixture
def config(tmp_path, beep_bundle):
    """Writes a configuration on the test model, with more of it if need be; its path."""

    def write(more="", models=None):
        path = tmp_path / "wakeful.toml"
        path.write_text(f"models = {json.dumps(models or [str(beep_bundle)])}\n{more}\n")
        return str(path)

    return write


@pytest.fixture
def no_daemon(monkeypatch, tmp_path):
    """A runtime folder of our own, in which no daemon runs."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    return folder


def found_by(check, case):
    """A check's findings by what they are about."""
    return {finding.check: finding for finding in check(case)}


def test_json_tells_every_check(config, no_daemon):
    """Each finding has a state that programs know; nothing failed exactly if the code is 0."""
    path = config('[audio]\ninput = "-"')
    done = CliRunner().invoke(command, ["--json", "--config", path])
    findings = json.loads(done.stdout)
    assert {f["state"] for f in findings} <= STATES
    assert done.exit_code == int(any(f["state"] == "failed" for f in findings))
    checks = [f["check"].split()[0] for f in findings]
    assert checks[:3] == ["configuration", "model", "extras"]
    assert {"cpu", "memory", "clock", "daemon"} <= set(checks)
    assert all(f["advice"] for f in findings if f["state"] in {"warning", "failed"})


def test_lines_have_no_colours_off_a_terminal(config, no_daemon):
    """What a file or a pipe gets is text alone; what to do stands below its line."""
    done = CliRunner().invoke(command, ["--config", config(models=["./gone.json"])])
    assert done.exit_code == 1
    assert "\033" not in done.stdout
    assert "FAILED   model ./gone.json" in done.stdout
    assert "-> give the path of a NAME.json" in done.stdout


def test_a_wrong_configuration_is_told_and_the_rest_examined(config, no_daemon):
    """A typing error must not keep the doctor from looking at everything else."""
    done = CliRunner().invoke(command, ["--json", "--config", config("[audio]\nrign_s = 3")])
    findings = json.loads(done.stdout)
    assert done.exit_code == 1
    assert findings[0]["state"] == "failed"
    assert "rign_s" in findings[0]["text"]
    assert "did you mean ring_s?" in findings[0]["advice"]
    assert len(findings) > 6


def test_a_broken_model_is_told_once(config, tmp_path, beep_bundle, no_daemon):
    """A network that its manifest doesn't know fails by its hash, and nothing fails after it."""
    for suffix in (".json", ".tflite"):
        shutil.copy(beep_bundle.with_suffix(suffix), tmp_path / f"mine{suffix}")
    with (tmp_path / "mine.tflite").open("ab") as network:
        network.write(b"x")
    case = doctor.case_of(config('[audio]\ninput = "-"', models=[str(tmp_path / "mine.json")]))
    findings = list(doctor.examination(case))
    failed = [f for f in findings if f.state == "failed"]
    assert len(failed) == 1
    assert "sha256" in failed[0].text
    assert "cpu" not in [f.check for f in findings]


def test_a_shipped_model_is_whole():
    """Its hash, its size and where it fires are told."""
    case = Case(Settings(models=["activate"]))
    finding = found_by(checks_models.check_models, case)["model activate"]
    assert finding.state == "ok"
    assert "sha256" in finding.text


def test_an_extra_that_the_configuration_needs(monkeypatch):
    """Metrics that are asked for and can't be had fail; others that are absent don't."""
    monkeypatch.setitem(checks_models.EXTRAS, "metrics", ("no_such_package",))
    wanted = Settings(health=HealthSettings(metrics_port=9_000))
    failed = [f for f in checks_models.check_extras(Case(wanted)) if f.state == "failed"]
    assert [f.advice for f in failed] == ["pip install 'wakeful[metrics]'"]
    assert {f.state for f in checks_models.check_extras(Case(Settings()))} == {"ok"}


LEVELS = {
    "muted": (np.zeros(16_000), "warning", "muted"),
    "stuck": (np.full(16_000, 700), "warning", "muted"),
    "clipping": (np.sign(np.sin(np.arange(16_000))) * 32_767, "warning", "clips"),
    "off zero": (np.random.default_rng(0).normal(3_000, 30, 16_000), "warning", "off zero"),
    "loud": (np.random.default_rng(0).normal(0, 6_000, 16_000), "warning", "dBFS"),
    "a quiet room": (np.random.default_rng(0).normal(0, 20, 16_000), "ok", "-64 dBFS"),
}


@pytest.mark.parametrize(("sound", "state", "text"), LEVELS.values(), ids=LEVELS)
def test_levels(sound, state, text):
    """A second of each kind of input that people have."""
    finding = checks_sound.judge_level(sound.astype(np.int16))
    assert finding.state == state
    assert text in finding.text
    assert bool(finding.advice) == (state != "ok")


def test_what_listening_costs_is_measured(beep_bundle):
    """Speech costs more than a quiet room, and neither nothing nor a whole core."""
    speech, silence = checks_machine.cost_shares(Case(Settings(models=[str(beep_bundle)])))
    assert 0 < silence < speech < 1


@pytest.mark.parametrize(
    ("mode", "state"), [(0o700, "ok"), (0o755, "failed"), (None, "failed")], ids=str
)
def test_the_runtime_folder(tmp_path, mode, state):
    """Ours alone, open to others, not there."""
    folder = tmp_path / "run"
    if mode:
        folder.mkdir()
        folder.chmod(mode)
    assert checks_machine._runtime_folder(str(folder)).state == state


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every device")
def test_sound_cards_that_may_not_be_used(tmp_path):
    """Who isn't in the group is told which one."""
    card = tmp_path / "pcmC0D0c"
    card.touch(mode=0o000)
    finding = checks_machine._sound_cards(tmp_path)
    assert finding.state == "warning"
    assert "usermod -aG" in finding.advice


def test_no_daemon_is_a_warning(no_daemon):
    """The doctor is asked before there is one, too."""
    found = found_by(checks_service.check_sockets, Case(Settings()))
    assert found["daemon"].state == "warning"
    assert "wakeful service install" in found["daemon"].advice


def test_a_socket_that_others_may_use_fails(tmp_path):
    """0600 is right, anything more is not."""
    path = tmp_path / "events.sock"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
        settings = Settings(bus=BusSettings(events=f"ipc://{path}"))
        for mode, state in ((0o600, "ok"), (0o666, "failed")):
            path.chmod(mode)
            found = found_by(checks_service.check_sockets, Case(settings))
            assert found["socket events"].state == state


def test_speaking_is_judged_for_each_model(capsys):
    """The shipped recording, heard instead of a microphone: one model hears it, one doesn't."""
    settings = Settings(models=["activate", "computer"])
    source = SoundFile(PRETRAINED / "demo.flac", opened_at=0.0)
    found = list(listen_to(Case(settings), source, Meter(sys.stderr, settings.models)))
    assert [f.check for f in found] == ["hears activate", "hears computer"]
    assert [f.state for f in found] == ["ok", "warning"]
    assert "wakeful enroll" in found[1].advice


def test_silence_is_no_fault_of_the_model():
    """Nobody spoke: the microphone is to be turned up, not the threshold."""
    assert "softly" in judge("activate", False, 0.0, 0.9, -70.0).text
    assert "0.80" in judge("activate", False, 0.8, 0.9, -20.0).text


def test_names_that_would_steer_a_terminal_are_shown_as_text():
    """A model's path may hold anything."""
    line = doctor.as_line(Finding("model \033[2J", "failed", "a\nb", "c\rd"))
    assert "\033[2J" not in line
    assert "\r" not in line
    assert line.count("\n") == 1


@pytest.mark.sound_server
@pytest.mark.skipif(bool(missing()), reason=missing() or "it is all there")
def test_with_a_real_microphone(tmp_path, config, no_daemon):
    """A sound server's microphone is found and opened; that nothing plays is said."""
    folder = tmp_path / "pulse"
    folder.mkdir()
    with sound_server(folder) as server:
        environment = server.environment | {"XDG_RUNTIME_DIR": str(no_daemon)}
        done = subprocess.run(
            [str(WAKEFUL), "doctor", "--json", "--config", config()],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    found = {f["check"]: f for f in json.loads(done.stdout)}
    assert found["microphone"]["state"] == "ok"
    assert found["level"]["state"] == "warning"
    assert "muted" in found["level"]["text"]
    assert (done.returncode, done.stderr) == (0, "")
