"""The `mailflow` command: its verbs, and what each kind of failure exits with. Imports nothing but click."""

import importlib
import os
import sys
import traceback
from io import TextIOWrapper

import click
from click.shell_completion import CompletionItem

from mailflow.cli.leaving import Failure
from mailflow.cli.options import options_of, shared

# verb: (module, one line of help); the module is imported only when its verb is called.
VERBS = {
    "init": ("setup", "Write configuration, keys, database and a first event."),
    "demo": ("demo", "A complete instance that cannot send to the outside."),
    "serve": ("serve", "Take mail in, answer it, keep time: the service."),
    "check": ("check", "Configuration, database, clock, disk, keys, letters, relay."),
    "keygen": ("keys", "A new DKIM key."),
    "dns": ("keys", "The DNS records to publish, with what each is for."),
    "config": ("config", "Which configuration is in force, and why."),
    "event": ("event", "List, show, add, edit, open, close and call off events."),
    "attendees": ("people", "Who is registered; remove people, or move them in."),
    "export": ("people", "The list as a CSV file, the event as a calendar."),
    "send-digest": ("digest", "An organiser's digest now."),
    "announce": ("announce", "Tell everybody who has a seat something."),
    "preview": ("preview", "Any letter, from sample data."),
    "simulate": ("simulate", "What would happen to a mail; touches nothing."),
    "inject": ("inject", "Take a mail in as if it had arrived."),
    "deliver": ("deliver", "Take one mail from an MTA's pipe on stdin."),
    "queue": ("queue", "Outgoing letters, and mail that failed."),
    "message": ("message", "One mail with its biography."),
    "erase": ("erase", "All that is held about a person goes."),
    "migrate": ("migrate", "Bring the database to this version."),
    "completion": ("completion", "Shell completion for bash, zsh or fish."),
}


class Verbs(click.Group):
    """A group that knows its verbs by name, and loads them by need."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002  as above
        if name not in VERBS:
            return None
        command = getattr(importlib.import_module(f"mailflow.cli.{VERBS[name][0]}"), name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  as above
        """The list without importing anything."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The same for <TAB>: a shell should not wait for twenty modules."""
        verbs = [CompletionItem(name, help=text) for name, (_, text) in VERBS.items() if name.startswith(incomplete)]
        return verbs + click.Command.shell_complete(self, ctx, incomplete)

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; what can be said in a sentence becomes one, with its exit status."""
        try:
            return super().invoke(ctx)
        except Failure as failure:
            click.echo(failure.text, err=True)
            raise
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            # `mailflow attendees | head`: nobody reads any more, and that is no failure. What is still in the buffer
            # goes nowhere, or Python would complain of it at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(0) from None
        except Exception as error:
            from mailflow.cli.failures import failure_of  # noqa: PLC0415  heavy; only when something went wrong

            known = failure_of(error)
            if known is None:
                raise
            if options_of(ctx).verbose > 1:
                traceback.print_exception(error)
            click.echo(known.text, err=True)
            raise known from error


@click.group(cls=Verbs, subcommand_metavar="VERB …", context_settings={"help_option_names": ["-h", "--help"]})
@shared
def cli() -> None:
    """The registration desk of an event that lives in an e-mail address."""


def main() -> None:
    """The entry point. A terminal that cannot show a letter of somebody's name gets `?` instead of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    cli(prog_name="mailflow")
