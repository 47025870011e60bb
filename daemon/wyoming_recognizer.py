"""The recognizer that asks another: a Wyoming speech-to-text service, here or on another machine.

The only one from which sound leaves the process's machine, and only to the address that is named.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ..models.errors import UsageError, WakefulError
from .printable import printable
from .recognizer import About, Heard, HeardText, RecognizerError
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ, Samples

_PIECE_SAMPLES = 4_096
_FORMAT = {"rate": SAMPLE_RATE_HZ, "width": 2, "channels": 1}

T = TypeVar("T")


class WyomingError(WakefulError):
    """The service can't be had."""


class WyomingRecognizer:
    """A `Recognizer`: one connection an utterance, as these services have it.

    They tell no confidence: a text has 1, no text 0.
    """

    nothing: Heard | None = HeardText(text="", confidence=0.0)

    def __init__(self, settings: RecognizerSettings) -> None:
        self.check(settings)
        self._address, self._deadline_s = settings.address, settings.deadline_s
        self._language = settings.language or None
        self._name = settings.model or None
        self._run(self._ask_what_it_is(), WyomingError)

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether the package is there, and the address one to connect to."""
        if importlib.util.find_spec("wyoming") is None:
            raise WyomingError("wyoming is not installed: pip install 'wakeful[wyoming]'")
        if not _is_address(settings.address):
            raise UsageError(
                f"recognizer.address {settings.address!r}: give tcp://HOST:PORT or unix:///PATH"
            )

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """The text that the service answers with; raises `RecognizerError`."""
        text = self._run(self._transcribe(samples), RecognizerError)
        return HeardText(text=text, confidence=float(bool(text)))

    def _run(self, work: Coroutine[Any, Any, T], fault: type[WakefulError]) -> T:
        """Within the deadline; whatever is wrong with the service is one `fault`."""
        try:
            return asyncio.run(asyncio.wait_for(work, self._deadline_s))
        except TimeoutError:
            raise fault(f"{self._address}: no answer within {self._deadline_s:g} s") from None
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise fault(f"{self._address}: {reason}; does the service run there?") from error
        except (EOFError, UnicodeError, LookupError, TypeError, AttributeError) as error:
            # What the package raises where the other side speaks something else.
            raise fault(f"{self._address}: speaks no Wyoming ({error!r})") from error

    @asynccontextmanager
    async def _service(self) -> AsyncIterator[Any]:
        from wyoming.client import AsyncClient

        client = AsyncClient.from_uri(self._address)
        await client.connect()
        try:
            yield client
        finally:
            await client.disconnect()

    async def _ask_what_it_is(self) -> None:
        from wyoming.info import Describe, Info

        async with self._service() as service:
            await service.write_event(Describe().event())
            info = Info.from_event(await self._next(service, Info))
        if not info.asr:
            raise WyomingError(f"{self._address}: a Wyoming service, but for no speech to text")

    async def _transcribe(self, samples: Samples) -> str:
        from wyoming.asr import Transcribe, Transcript
        from wyoming.audio import AudioChunk, AudioStart, AudioStop

        async with self._service() as service:
            await service.write_event(Transcribe(self._name, self._language).event())
            await service.write_event(AudioStart(**_FORMAT).event())
            for first in range(0, len(samples), _PIECE_SAMPLES):
                piece = samples[first : first + _PIECE_SAMPLES].tobytes()
                await service.write_event(AudioChunk(**_FORMAT, audio=piece).event())
            await service.write_event(AudioStop().event())
            text: str = Transcript.from_event(await self._next(service, Transcript)).text
        return printable(" ".join(text.split()))

    async def _next(self, service: Any, wanted: Any) -> Any:
        """The next event of a kind; what else the service says meanwhile is passed over."""
        while (event := await service.read_event()) is not None:
            if event.type == "error":
                raise RecognizerError(f"{self._address}: {event.data.get('text', 'an error')}")
            if wanted.is_type(event.type):
                return event
        raise EOFError(f"closed without {wanted.__name__.lower()}")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        to_a_host = parts.scheme == "tcp" and bool(parts.hostname and parts.port)
    except ValueError:
        return False
    return to_a_host or (parts.scheme == "unix" and bool(parts.path))
