"""A Wyoming service in a process of its own, by the package that others are built with.

``python wyoming_service.py SOCKET MODE``: `facts` answers with what it was given, in words; `tts`
knows no speech to text; `error` refuses; `mute` never answers.
"""

import asyncio
import sys
from functools import partial

import numpy as np
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info
from wyoming.server import AsyncEventHandler, AsyncServer

OURS = Attribution(name="tests", url="")


class Service(AsyncEventHandler):
    """One connection."""

    def __init__(self, mode, *args):
        super().__init__(*args)
        self.mode, self.sound, self.asked = mode, b"", Transcribe()

    async def handle_event(self, event: Event) -> bool:
        """Collect the sound, then say what it was."""
        if self.mode == "mute":
            return True
        if Describe.is_type(event.type):
            await self.write_event(Info(asr=[] if self.mode == "tts" else [program()]).event())
        elif Transcribe.is_type(event.type):
            self.asked = Transcribe.from_event(event)
        elif AudioChunk.is_type(event.type):
            self.sound += AudioChunk.from_event(event).audio
        elif AudioStop.is_type(event.type):
            await self.write_event(self.answer())
        return True

    def answer(self) -> Event:
        """The facts, with line breaks as some services have them."""
        if self.mode == "error":
            return Error(text="no model is loaded").event()
        samples = np.frombuffer(self.sound, np.int16)
        if not samples.any():
            return Transcript("").event()
        said = f" {len(samples)} samples,\n{int(samples.sum())} in all, {self.asked.language} "
        return Transcript(said).event()


def program() -> AsrProgram:
    """What it says of itself."""
    model = AsrModel("facts", OURS, True, "", "1", languages=["en"])
    return AsrProgram("facts", OURS, True, "", "1", models=[model])


async def main() -> None:
    """Serve until killed."""
    server = AsyncServer.from_uri(f"unix://{sys.argv[1]}")
    await server.run(partial(Service, sys.argv[2]))


if __name__ == "__main__":
    asyncio.run(main())
