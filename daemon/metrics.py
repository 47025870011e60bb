"""Figures for Prometheus on a loopback port: a companion that counts, and a thread that tells.

The loop writes plain numbers, a scrape reads them in a thread of its own: neither waits for the
other. Extra ``[metrics]``; without `health.metrics_port` none of this is imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..models.errors import WakefulError
from .figures import Figures
from .off_loop import OffLoop
from .settings import HealthSettings
from .source import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

HOST = "127.0.0.1"
_CLOSE_S = 0.4
"""A server looks every half second whether it shall end; the end of the process can't wait."""


class MetricsError(WakefulError):
    """The figures can't be told; the line says why."""


class Metrics(Figures):
    """The figures, told on the port that the settings name; raises `MetricsError` at the start."""

    def __init__(self, settings: HealthSettings) -> None:
        super().__init__()
        self._server = _serve(settings.metrics_port, self)
        self.closing: OffLoop[None] | None = None

    def close(self) -> None:
        """Give the port back; a second call does nothing."""
        if self.closing is None:
            self.closing = OffLoop(self._shut)
            self.closing.wait(_CLOSE_S)

    def _shut(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _serve(port: int, figures: Figures) -> Any:
    """A server in a thread, which answers until it is shut down."""
    try:
        from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
    except ImportError as error:
        raise MetricsError(
            f"health.metrics_port is {port}, but prometheus-client is not installed: "
            "pip install 'wakeful[metrics]'"
        ) from error
    registry = CollectorRegistry()
    registry.register(Collector(figures))
    ProcessCollector(registry=registry)
    try:
        server, _thread = start_http_server(port, addr=HOST, registry=registry)
        return server
    except OSError as error:
        raise MetricsError(
            f"health.metrics_port: {HOST}:{port} can't be listened at ({error.strerror}); "
            "name another, or 0 for none"
        ) from error


class Collector:
    """The figures in Prometheus's words, made when they are asked for."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        f = self._figures
        yield _counter("heard_seconds", "Sound heard.", f.heard_samples / SAMPLE_RATE_HZ)
        yield _counter(
            "gate_open_seconds",
            "Sound heard with the voice gate open.",
            f.open_samples / SAMPLE_RATE_HZ,
        )
        yield _counter("lost_samples", "Samples lost on the way in.", f.lost_samples)
        yield _counter("audio_losses", "Times that the microphone was lost or silent.", f.losses)
        yield _gauge("audio_lost", "1 while the microphone is lost or silent.", f.is_lost)
        yield _gauge("muted", "1 while it is muted by request.", f.is_muted)
        yield _counted("wakes", "Wake words heard.", "model", f.wakes)
        yield _counted("events", "Events told.", "event", f.events)
        yield _counted("recognizer_restarts", "Recognizers replaced.", "recognizer", f.restarts)
        yield from self._latencies()

    def _latencies(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import HistogramMetricFamily

        wake = HistogramMetricFamily(
            "wakeful_wake_latency_seconds", "From the sound that a wake is about to its event."
        )
        known = self._figures.wake_latency_s
        wake.add_metric([], known.buckets, known.sum)
        answers = HistogramMetricFamily(
            "wakeful_answer_seconds",
            "From the end of speech, as heard, to a recognizer's answer.",
            labels=["recognizer"],
        )
        for recognizer, histogram in list(self._figures.answers.items()):
            answers.add_metric([recognizer], histogram.buckets, histogram.sum)
        yield wake
        yield answers


def _counter(name: str, text: str, value: float) -> Metric:
    from prometheus_client.metrics_core import CounterMetricFamily

    return CounterMetricFamily(f"wakeful_{name}", text, value=value)


def _counted(name: str, text: str, label: str, counts: Counter[str]) -> Metric:
    from prometheus_client.metrics_core import CounterMetricFamily

    family = CounterMetricFamily(f"wakeful_{name}", text, labels=[label])
    for key, count in list(counts.items()):
        family.add_metric([key], count)
    return family


def _gauge(name: str, text: str, value: float) -> Metric:
    from prometheus_client.metrics_core import GaugeMetricFamily

    return GaugeMetricFamily(f"wakeful_{name}", text, value=value)
