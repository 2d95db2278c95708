"""`mailflow completion`."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="bash|zsh|fish")
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what completes mailflow's verbs and options in a shell.

    bash: source <(mailflow completion bash), or keep it in /etc/bash_completion.d/mailflow. zsh: the same, or a file
    _mailflow on $fpath. fish: ~/.config/fish/completions/mailflow.fish.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(ctx.find_root().command, {}, "mailflow", "_MAILFLOW_COMPLETE").source())
