"""``wakeful voices say``: hear a text, or have it as a file."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

import click

from ..models.whole_file import whole
from .voice import Engine, Speaker, VoiceError


@click.command()
@click.argument("text")
@click.option("--engine", help="One of `wakeful voices list` (default: the best there is).")
@click.option("--voice", help="One of `voices list --all`, or a mixture: af_bella+am_adam.")
@click.option("--seed", default=1, show_default=True, help="Another one is another speaker.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A WAV or FLAC file.")
@click.option("--play", "aloud", is_flag=True, help="Play it too when there is an --out.")
def say(
    text: str, engine: str | None, voice: str | None, seed: int, out: Path | None, aloud: bool
) -> None:
    """Say TEXT in a drawn voice: aloud, or into a file with --out.

    \b
    wakeful voices say "activate" --engine espeak-ng --seed 4
    """
    import numpy as np

    from .engines import open_engine
    from .play import play

    found = open_engine(engine) if engine else _best()
    speaker = found.draw(np.random.default_rng(seed), held_out=not found.voices(False))
    if voice:
        speaker = replace(speaker, voice=_known(found, voice))
    sound = found.speak(text, speaker)
    click.echo(f"{speaker.engine}: {speaker.voice} {_spelt(speaker)}", err=True)
    if out:
        _write(out, sound)
    if aloud or not out:
        play(sound)


def _best() -> Engine:
    from .engines import ENGINES, installed

    for name in ENGINES:
        if there := installed([name])[0]:
            return there[name]
    raise VoiceError("no engine is installed: wakeful voices install hibari")


def _known(engine: Engine, voice: str) -> str:
    """The voice, or a mixture of voices, of an engine; raises `VoiceError` for another's."""
    voices = engine.voices(False) + engine.voices(True)
    if voice in voices or all(part in voices for part in voice.split("+")):
        return voice
    near = difflib.get_close_matches(voice, voices, 3) or voices[:3]
    raise VoiceError(
        f"{engine.name} has no voice {voice!r}, but {', '.join(near)}; "
        "all of them: wakeful voices list --all"
    )


def _spelt(speaker: Speaker) -> str:
    return " ".join(f"{name}={value}" for name, value in speaker.parameters.items())


def _write(out: Path, sound: object) -> None:
    """Beside its place, then renamed; the ending says which format."""
    import soundfile

    from .voice import SAMPLE_RATE_HZ

    kind = out.suffix.lstrip(".").upper()
    if kind not in ("WAV", "FLAC"):
        raise VoiceError(f"--out {out}: must end in .wav or .flac")
    try:
        with whole(out) as beside:
            soundfile.write(beside, sound, SAMPLE_RATE_HZ, format=kind, subtype="PCM_16")
    except (OSError, soundfile.SoundFileError) as error:
        raise VoiceError(f"--out {out}: can't be written: {error}") from error
    click.echo(out)
