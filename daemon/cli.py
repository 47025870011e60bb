"""The command line: a table of commands, each loaded when it is called, and one place for errors.

``wakeful --help`` imports click and nothing else; what a command needs it brings along itself.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from typing import Any, NoReturn

import click

from ..models.errors import WakefulError

COMMANDS: dict[str, tuple[str, str]] = {
    "listen": (".listen_command:listen", "Listen to a microphone, a file or a pipe."),
    "devices": (".devices_command:devices", "List the microphones."),
    "models": (".models_command:models", "List, show and check models."),
    "plot": (".plot_command:plot", "Draw a recording with what the model heard in it."),
    "config": (".config_command:config", "Show and check the configuration."),
    "completion": (
        ".completion_command:completion",
        "Print what makes Tab complete in your shell.",
    ),
    "train": ("..training.train_command:train", "Train a model for a word."),
    "voices": ("..synth.voices_command:voices", "Install, list and hear synthetic voices."),
    "synth": ("..synth.synth_command:synth", "Make labelled clips of a word."),
}
"""Name -> (where it is, its line in the help)."""

EXTRAS = {
    "tensorflow": "train",
    "keras": "train",
    "matplotlib": "plot",
    "pyworld": "synth",
    "onnxruntime": "synth",
}
"""What brings the packages that not everybody needs."""


class MissingExtraError(WakefulError):
    """A command needs packages that come with an extra."""


class Commands(click.Group):
    """A group whose commands are imported when they are wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the table's order: what is wanted most comes first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, loaded; None when there is no such one."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(_loaded(module, cmd_name), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown command is answered with the nearest one."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1, cutoff=0.4)
            hint = f"did you mean  wakeful {near[0]} ?" if near else "see  wakeful --help"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table itself: asking each command for its line would import them all."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _loaded(module: str, command: str) -> Any:
    package = __package__ or "wakeful.daemon"
    try:
        return importlib.import_module(module, package)
    except ModuleNotFoundError as error:
        raise missing_extra(error, command) from error


def missing_extra(error: ModuleNotFoundError, command: str) -> Exception:
    """The line that names the extra which brings a missing package; other errors as they are."""
    package = (error.name or "").partition(".")[0]
    if package not in EXTRAS:
        return error
    return MissingExtraError(
        f"wakeful {command} needs {package}: pip install 'wakeful[{EXTRAS[package]}]'"
    )


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wakeful", message="%(prog)s %(version)s")
def cli() -> None:
    """A wake-word daemon: it hears one word and tells every program on the machine.

    \b
    Hear it work:        wakeful listen
    On a recording:      wakeful listen --input recording.wav
    For programs:        wakeful listen --json
    """


def main() -> NoReturn:
    """The `wakeful` command. A user's mistake is one line and its exit code, never a traceback."""
    try:
        code = cli.main(prog_name="wakeful", standalone_mode=False)
    except WakefulError as error:
        code = fail(str(error), error.exit_code)
    except click.UsageError as error:
        code = fail(_usage_line(error), 2)
    except click.ClickException as error:
        code = fail(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except ModuleNotFoundError as error:
        told = missing_extra(error, sys.argv[1] if len(sys.argv) > 1 else "")
        if not isinstance(told, WakefulError):
            raise
        code = fail(str(told), told.exit_code)
    except BrokenPipeError:
        # Whoever read our output has gone; Python must not complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


def _usage_line(error: click.UsageError) -> str:
    line = error.format_message().rstrip(".")
    command = error.ctx.command_path if error.ctx else "wakeful"
    return line if "wakeful" in line else f"{line}; see  {command} --help"


def fail(line: str, code: int) -> int:
    """Tell the user, in red on a terminal; returns the code for the exit."""
    coloured = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    name = "\033[31mwakeful:\033[0m" if coloured else "wakeful:"
    print(name, " ".join(line.split("\n")), file=sys.stderr)
    return code
