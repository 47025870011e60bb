"""``wakeful daemon``: what a service manager starts."""

from __future__ import annotations

import os

import click

from .listen_command import complete_devices, complete_inputs, complete_models

# As for listening: one thread for small products, set before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@click.command()
@click.option(
    "--input",
    "-i",
    "source",
    metavar="mic|FILE|-",
    shell_complete=complete_inputs,
    help="A microphone (default), a sound file, or raw 16 kHz sound on standard input.",
)
@click.option(
    "--device",
    "-d",
    shell_complete=complete_devices,
    help="Part of a microphone's name, or its number (wakeful devices).",
)
@click.option(
    "--model",
    "-m",
    "models",
    multiple=True,
    shell_complete=complete_models,
    help="A shipped model's name or a path; may be given more than once.",
)
@click.option(
    "--real-time/--full-speed", default=True, help="How fast a file is played (default: as heard)."
)
@click.option("--config", "config_file", type=click.Path(), help="Another configuration file.")
def daemon(
    source: str | None,
    device: str | None,
    models: tuple[str, ...],
    real_time: bool,
    config_file: str | None,
) -> None:
    """Listen all day, chime, and tell other programs: the daemon itself, in the foreground.

    \b
    For good, and at every login:   wakeful service install --user
    By hand, to see what it does:   wakeful daemon
    Its events, from elsewhere:     wakeful events
    Steer it:                       wakeful ctl status

    Ends with SIGTERM or Ctrl-C, after a last "bye"; SIGHUP and changed files make it read its
    configuration and its models again. The log goes to standard error.
    """
    from .service import Service, Wanted

    given = {"input": source, "device": device}
    flags: dict[str, object] = {"audio": {k: v for k, v in given.items() if v is not None}}
    if models:
        flags["models"] = list(models)
    Service(Wanted(config_file, flags, real_time=real_time)).run()
