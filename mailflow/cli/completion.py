"""`mailflow completion`."""

import click
from click.shell_completion import get_completion_class

from mailflow.cli.common import fail


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """A script to source: `mailflow completion bash > /etc/bash_completion.d/mailflow`."""
    kind = get_completion_class(shell)
    if kind is None:
        fail(f"No completion for {shell}.", 1)
    root = ctx.find_root().command
    click.echo(kind(root, {}, "mailflow", "_MAILFLOW_COMPLETE").source())
