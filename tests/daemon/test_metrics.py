"""The figures: what is counted, how they are told, and that without them nothing is imported."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from wakeful.daemon import events
from wakeful.daemon.figures import WAKE_BOUNDS_S, Figures, Histogram
from wakeful.daemon.metrics import HOST, Metrics, MetricsError
from wakeful.daemon.opening import open_models
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import HealthSettings, Settings

WAKEFUL = Path(sys.executable).with_name("wakeful")


def free_port():
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        return one.getsockname()[1]


@pytest.fixture
def metrics():
    """Served, and closed."""
    port = free_port()
    served = Metrics(HealthSettings(metrics_port=port))
    yield served, port
    served.close()


def scrape(port):
    """What Prometheus would read: name and labels to value."""
    # A proxy has no business between us and ourselves.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{HOST}:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    families = text_string_to_metric_families(text)
    return {
        (s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples
    }


def stamp(sample=0, time=1_000.0, source="mic:test") -> dict[str, Any]:
    """What every event carries."""
    return {"seq": 0, "time": time, "sample": sample, "source": source}


def test_every_figure_is_told(metrics, beep_bundle, voice):
    """A day in short: sound, wakes, a loss, an answer, a dead recognizer; read over HTTP."""
    served, port = metrics
    pipeline = Pipeline(Settings(), open_models([str(beep_bundle)]), events.Stamp("mic:test", 0.0))
    for piece in np.array_split(np.r_[np.zeros(32_000, np.int16), voice], 40):
        pipeline.feed(piece)
        served.heard(pipeline)
    served._now = lambda: 1_000.07
    served.event(events.Wake(keyword="beep", model="beep", score=1.0, **stamp()))
    served.event(events.Overflow(lost_samples=480, **stamp()))
    served.event(events.AudioLost(reason="unplugged", **stamp()))
    about: dict[str, Any] = {"wake_seq": 0, "start_sample": 0, "confidence": 0.9}
    about["recognizer"] = "whisper"
    served.event(events.Digits(text="427", took_ms=320.0, **about, **stamp()))
    served.event(events.WorkerDied(recognizer="whisper", reason="killed", **stamp()))
    found = scrape(port)
    assert found["wakeful_heard_seconds_total",] == pytest.approx(2 + len(voice) / 16_000)
    assert 0 < found["wakeful_gate_open_seconds_total",] <= len(voice) / 16_000
    assert found["wakeful_wakes_total", "beep"] == 1
    assert found["wakeful_lost_samples_total",] == 480
    assert (found["wakeful_audio_losses_total",], found["wakeful_audio_lost",]) == (1, 1)
    assert found["wakeful_recognizer_restarts_total", "whisper"] == 1
    assert found["wakeful_wake_latency_seconds_bucket", "0.06"] == 0
    assert found["wakeful_wake_latency_seconds_bucket", "0.08"] == 1
    assert found["wakeful_answer_seconds_bucket", "0.3", "whisper"] == 0
    assert found["wakeful_answer_seconds_bucket", "0.5", "whisper"] == 1
    assert found["process_resident_memory_bytes",] > 1e6
    assert found["process_cpu_seconds_total",] > 0
    served.event(events.AudioRestored(lost_s=1.0, **stamp()))
    assert scrape(port)["wakeful_audio_lost",] == 0


def test_a_recording_has_no_latency():
    """Its samples stand for no moment that has to do with now."""
    figures = Figures(now=lambda: 9e9)
    wake = events.Wake(keyword="beep", model="beep", score=1.0, **stamp(source="file:/a.wav"))
    figures.event(wake)
    assert figures.wakes["beep"] == 1
    assert figures.wake_latency_s.sum == 0


@given(st.lists(st.floats(0, 10), max_size=60))
def test_a_histogram_counts_like_counting(values):
    """Each bucket holds what is at most its bound; the last holds everything."""
    histogram = Histogram(WAKE_BOUNDS_S)
    for value in values:
        histogram.take(value)
    expected = [(str(bound), float(sum(v <= bound for v in values))) for bound in WAKE_BOUNDS_S]
    assert histogram.buckets == [*expected, ("+Inf", float(len(values)))]
    assert histogram.sum == pytest.approx(sum(values))


def test_a_taken_port_is_one_line(metrics):
    """Two daemons, one port: the second says which, and what to do."""
    _, port = metrics
    with pytest.raises(MetricsError, match=f"{HOST}:{port} can't be listened at") as error:
        Metrics(HealthSettings(metrics_port=port))
    assert "\n" not in str(error.value)


def test_a_closed_one_gives_its_port_back(metrics):
    """A restart gets the same port at once, and nobody answers in between."""
    served, port = metrics
    served.close()
    assert served.closing.wait(60)
    with pytest.raises(urllib.error.URLError):
        scrape(port)
    again = Metrics(HealthSettings(metrics_port=port))
    again.close()


def test_only_this_machine_can_ask(metrics):
    """The port is on the loopback address alone."""
    served, _ = metrics
    assert served._server.server_address[0] == "127.0.0.1"


def test_without_the_extra_the_line_names_it(monkeypatch):
    """Asked for and not installed."""
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(MetricsError, match=r"pip install 'wakeful\[metrics\]'"):
        Metrics(HealthSettings(metrics_port=free_port()))


def test_a_daemon_without_metrics_imports_none():
    """Neither the package nor the HTTP server come along unasked."""
    code = "import sys, wakeful.daemon.service; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.fixture
def daemon(tmp_path, beep_bundle):
    """Runs `wakeful daemon` on standard input, with its sockets and its port in our own places."""
    running = []

    def run(port):
        config = tmp_path / "wakeful.toml"
        config.write_text(
            f"models = [{str(beep_bundle)!r}]\n[health]\nmetrics_port = {port}\n"
            f"[bus]\nevents = 'ipc://{tmp_path}/e'\ncontrol = 'ipc://{tmp_path}/c'\n"
            "[chime]\non = false\n"
        )
        command = [str(WAKEFUL), "daemon", "--input", "-", "--full-speed", "--config", str(config)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
        running.append(process)
        return process

    yield run
    for process in running:
        with process:
            process.kill()


def test_a_daemon_that_was_asked_to_tells_them(daemon):
    """The setting alone is enough: what goes into the daemon is counted, and can be read."""
    port = free_port()
    process = daemon(port)
    process.stdin.write(bytes(2 * 16_000 * 3))
    process.stdin.flush()
    deadline = time.monotonic() + 60
    heard_s = 0.0
    while heard_s < 2.8:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
        with suppress(urllib.error.URLError):
            heard_s = scrape(port)["wakeful_heard_seconds_total",]
    process.stdin.close()
    assert process.wait(timeout=60) == 0


def test_a_daemon_whose_port_is_taken_says_so_and_ends(daemon, metrics):
    """One line at the start, and code 1."""
    process = daemon(metrics[1])
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.count(b"\n") == 1
    assert b"health.metrics_port" in said
