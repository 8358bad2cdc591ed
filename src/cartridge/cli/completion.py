"""`cartridge completion`: the script that teaches a shell the commands and their options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from cartridge.cli.output import current_output
from cartridge.cli.settings import common_options

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@common_options
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    bash   cartridge completion bash >> ~/.bashrc
    zsh    cartridge completion zsh  >> ~/.zshrc
    fish   cartridge completion fish > ~/.config/fish/completions/cartridge.fish
    """
    maker = get_completion_class(shell)
    assert maker is not None
    script = maker(ctx.find_root().command, {}, "cartridge", "_CARTRIDGE_COMPLETE").source()
    out = current_output()
    if out.json:
        out.document("completion", {"shell": shell, "script": script})
    else:
        click.echo(script)
