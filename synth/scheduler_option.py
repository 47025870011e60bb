"""The option by which work is given to other machines."""

from __future__ import annotations

import click

scheduler_option = click.option(
    "--scheduler",
    default="",
    metavar="ADDRESS",
    help="Have the workers of a dask cluster do it, such as tcp://desk:8786.",
)
