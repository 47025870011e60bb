"""The command line: a table of commands, each loaded when it is called, and one place for errors.

``wakeful --help`` imports click and nothing else; what a command needs it brings along itself.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from typing import NoReturn

import click

from ..models.errors import WakefulError
from .command_table import CommandTable, Table
from .printable import printable

COMMANDS: Table = {
    "listen": (".listen_command:listen", "Listen to a microphone, a file or a pipe."),
    "daemon": (".daemon_command:daemon", "Listen all day and tell other programs."),
    "service": (".service_command:service", "Have systemd run the daemon, always."),
    "events": (".events_command:events", "Print what a running daemon tells."),
    "on": (".on_command:on", "Run a program when the word is heard, or on other events."),
    "ctl": (".ctl_command:ctl", "Ask a running daemon how it is, or steer it."),
    "keys": (".keys_command:keys", "Say who may connect from other machines."),
    "doctor": (".doctor_command:doctor", "Is everything well? If not, what to do."),
    "devices": (".devices_command:devices", "List the microphones."),
    "models": (".models_command:models", "List, show and check models."),
    "enroll": (".enroll_command:enroll", "Fit a model's threshold to your voice, or to it alone."),
    "recognize": (
        ".recognize_command:recognize",
        "Write down, sort or keep what is said in recordings.",
    ),
    "scan": (".scan_command:scan", "Find the word in many recordings at once."),
    "plot": (".plot_command:plot", "Draw a recording with what the model heard in it."),
    "chime": (".chime_command:chime", "Hear the chimes, or lay one over a recording."),
    "config": (".config_command:config", "Show and check the configuration."),
    "completion": (
        ".completion_command:completion",
        "Print what makes Tab complete in your shell.",
    ),
    "train": ("..training.train_command:train", "Train a model for a word, or a network by name."),
    "evaluate": (
        "..training.evaluate_command:evaluate",
        "Measure a model: misses, false accepts, latency.",
    ),
    "compare": (
        "..training.compare_command:compare",
        "Train every network of a kind on the same data, as a table.",
    ),
    "explore": (
        "..training.explore_command:explore",
        "Look at a folder of recordings before training from it.",
    ),
    "voices": ("..synth.voices_command:voices", "Install, list and hear synthetic voices."),
    "speech": ("..synth.speech_command:speech", "Install real speech to train against."),
    "synth": ("..synth.synth_command:synth", "Make labelled clips of a word."),
}
EXTRAS = {
    "faster_whisper": "asr",
    "tensorflow": "train",
    "keras": "train",
    "matplotlib": "plot",
    "pyworld": "synth",
    "onnxruntime": "synth",
}
"""What brings the packages that not everybody needs."""


UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""Why standard output may not take what we say."""


@click.group(
    cls=CommandTable, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="wakeful", message="%(prog)s %(version)s")
def cli() -> None:
    """A wake-word daemon: it hears one word and tells every program on the machine.

    \b
    Hear it work:        wakeful listen
    On a recording:      wakeful listen --input recording.wav
    For programs:        wakeful listen --json
    """


def main() -> NoReturn:
    """The `wakeful` command. A user's mistake is one line and its exit code, never a traceback.

    0: it went well; 1: it could not be done, or nobody reads the output any more; 2: it was asked
    for wrongly; 130: Ctrl-C.
    """
    _replace_closed_streams()
    try:
        code = cli.main(prog_name="wakeful", standalone_mode=False)
    except WakefulError as error:
        code = fail(str(error), error.exit_code)
    except click.UsageError as error:
        code = _usage(error)
    except click.ClickException as error:
        code = fail(error.format_message(), error.exit_code)
    except click.Abort:
        code = 130
    except ModuleNotFoundError as error:
        code = fail(missing_extra(error), 1)
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        code = fail(f"can't write: {error.strerror}", 1)
        # What Python has left to write must not fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code if isinstance(code, int) else 0)


def _replace_closed_streams() -> None:
    """Some supervisors start programs with standard output or error closed: nobody is to hear it.

    Else what is opened next would be given their numbers, and written into by libraries.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif isinstance(stream, io.TextIOWrapper):
            # A file's name may hold what the terminal's encoding, or any encoding, does not.
            stream.reconfigure(errors="backslashreplace")


def missing_extra(error: ModuleNotFoundError) -> str:
    """The line that names the extra which brings a missing package; raises all other errors."""
    package = (error.name or "").partition(".")[0]
    if package not in EXTRAS:
        raise error
    return f"{package} is not installed: pip install 'wakeful[{EXTRAS[package]}]'"


def _usage(error: click.UsageError) -> int:
    """One line for a wrong use; the help for a bare name of a group of commands."""
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        print(error.format_message(), file=sys.stderr)
        return 2
    line = error.format_message().rstrip(".")
    command = error.ctx.command_path if error.ctx else "wakeful"
    return fail(line if "wakeful" in line else f"{line}; see  {command} --help", 2)


def fail(text: str, code: int) -> int:
    """Tell the user in one line, its name red on a terminal; returns the code for the exit."""
    coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    name = "\033[31mwakeful:\033[0m" if coloured else "wakeful:"
    line = re.sub(r"\s*\n\s*", " ", text.strip())
    print(name, printable(line), file=sys.stderr)
    return code
