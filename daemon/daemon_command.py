"""``wakeful daemon``: what a service manager starts."""

from __future__ import annotations

import os

import click

from . import one_thread  # noqa: F401 - before numpy
from .options import config_option, device_option, models_option, source_option

# As for listening: one thread for small products, set before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@click.command()
@source_option
@device_option
@models_option
@click.option(
    "--real-time/--full-speed", default=True, help="How fast a file is played (default: as heard)."
)
@config_option
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
