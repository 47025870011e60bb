"""``wakeful completion``: the script that makes Tab complete commands, models and devices."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes Tab complete in your shell.

    \b
    bash:  wakeful completion bash > ~/.local/share/bash-completion/completions/wakeful
    zsh:   wakeful completion zsh > ~/.zfunc/_wakeful
    fish:  wakeful completion fish > ~/.config/fish/completions/wakeful.fish
    """
    from .cli import cli

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "wakeful", "_WAKEFUL_COMPLETE").source())
