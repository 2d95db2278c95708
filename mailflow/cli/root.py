"""The `mailflow` command: its verbs, the options they share, and what each kind of failure exits with."""

import importlib
import sys

import click

from mailflow.cli.common import version

# verb: (module, one line of help); the module is imported only when its verb is called.
VERBS = {
    "init": ("setup", "Write configuration, keys, database and a first event."),
    "demo": ("demo", "A complete instance that cannot send to the outside."),
    "serve": ("serve", "Take mail in, answer it, keep time: the service."),
    "check": ("check", "Configuration, database, clock, disk, keys, letters, relay."),
    "keygen": ("keys", "A new DKIM key."),
    "dns": ("keys", "The DNS records to publish, with what each is for."),
    "config": ("config", "Which configuration is in force, and why."),
    "event": ("event", "List, show, add, open and close events."),
    "attendees": ("people", "Who is registered."),
    "export": ("people", "The list as a CSV file."),
    "send-digest": ("digest", "An organiser's digest now."),
    "preview": ("preview", "Any letter, from sample data."),
    "simulate": ("simulate", "What would happen to a mail; touches nothing."),
    "inject": ("inject", "Take a mail in as if it had arrived."),
    "deliver": ("inject", "Take one mail from an MTA's pipe on stdin."),
    "queue": ("queue", "Outgoing letters, and mail that failed: list, show, retry, drop."),
    "message": ("message", "One mail with its biography."),
    "migrate": ("store", "Bring the database to this version."),
    "completion": ("completion", "Shell completion for bash, zsh or fish."),
}


class Verbs(click.Group):
    """A group that knows its verbs by name and loads them by need."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in VERBS:
            return None
        module = importlib.import_module(f"mailflow.cli.{VERBS[name][0]}")
        command = getattr(module, name.replace("-", "_"))
        if not isinstance(command, click.Command):
            raise TypeError(f"{name} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list without importing anything."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "config", metavar="FILE", help="Configuration file.")
@click.option("--state", "state", metavar="DIR", help="State directory (database).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of tables.")
@click.option("-v", "--verbose", count=True, help="Say more.")
@click.option("-q", "--quiet", is_flag=True, help="Say less.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=version, help="Versions and exit.")
@click.pass_context
def cli(ctx: click.Context, /, **options: object) -> None:
    """The registration desk of an event that lives in an e-mail address."""
    ctx.obj = {key: value for key, value in options.items() if value}


def main() -> None:
    """Run, and turn failures into the exit statuses of operations.md §1."""
    from mailflow.cli.common import Exit, failure  # noqa: PLC0415  after start, to keep --help quick

    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        # An MTA bounces on a status that it does not know; 78 tells it that its own pipe is set up wrongly.
        context = getattr(error, "ctx", None)
        sys.exit(78 if context is not None and context.info_name == "deliver" else error.exit_code)
    except Exit as leaving:
        sys.exit(leaving.status)
    except BrokenPipeError:
        sys.stderr.close()  # `mailflow attendees | head`: nobody listens any more, and that is no failure
        sys.exit(0)
    except Exception as error:  # a door: the operator reads a sentence
        status = failure(error)
        if status is None:
            raise
        sys.exit(status)
