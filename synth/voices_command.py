"""``wakeful voices``: which synthesizers there are, and how they sound."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def voices() -> None:
    """List and hear synthetic voices.

    \b
    wakeful voices list
    wakeful voices say "activate" --engine kokoro --out hello.wav
    """


@voices.command("list")
@click.option("--all", "every", is_flag=True, help="Each voice, not just how many.")
def list_voices(every: bool) -> None:
    """List the engines that are installed, with licences, and what would bring the others."""
    from .engines import ENGINES, installed

    there, missing = installed()
    for name in ENGINES:
        if name in missing:
            click.echo(f"{name:10}  -    {missing[name]}")
            continue
        engine = there[name]
        found = engine.voices(False) + engine.voices(True)
        click.echo(f"{name:10} {len(found):4}  {engine.licence}")
        if every:
            click.echo("".join(f"    {voice}\n" for voice in found), nl=False)


@voices.command()
@click.argument("text")
@click.option("--engine", default="kokoro", show_default=True)
@click.option("--seed", default=1, show_default=True, help="Another one is another speaker.")
@click.option("--out", type=click.Path(path_type=Path), help="A WAV file (default: play it).")
def say(text: str, engine: str, seed: int, out: Path | None) -> None:
    """Say TEXT in a drawn voice."""
    import numpy as np
    import soundfile

    from .engines import open_engine
    from .voice import SAMPLE_RATE_HZ

    found = open_engine(engine)
    speaker = found.draw(np.random.default_rng(seed), held_out=False)
    sound = found.speak(text, speaker)
    click.echo(f"{speaker.engine}: {speaker.voice} {dict(speaker.parameters)}", err=True)
    if out:
        soundfile.write(out, sound, SAMPLE_RATE_HZ)
        click.echo(out)
        return
    from ..models.quiet import quiet_stderr

    with quiet_stderr():
        import sounddevice

        sounddevice.play(sound, SAMPLE_RATE_HZ, blocking=True)
