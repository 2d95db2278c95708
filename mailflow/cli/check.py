"""`mailflow check`: what is wrong, before the mail finds out."""

from __future__ import annotations

import click

from mailflow.cli.desk import Desk, at_desk
from mailflow.cli.leaving import CONFIGURATION, PROBLEMS

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick


@click.command()
@click.option("--quick", is_flag=True, help="Configuration, keys, events, disk and database only.")
@click.option("--dns", is_flag=True, help="Compare DKIM, SPF and DMARC records with what the world sees.")
@click.option("--loop", is_flag=True, help="Mail ourselves through the relay, with and without a tag, and wait for it.")
@click.option("--nagios", is_flag=True, help="One line, and exit 0, 1, 2 or 3.")
@at_desk
def check(desk: Desk, quick: bool, dns: bool, loop: bool, nagios: bool) -> None:  # noqa: FBT001  click's signature
    """Configuration, database, clock, disk, keys, every letter in every language, relay. Exits 3 on a problem."""
    from mailflow.cli.findings import survey

    if nagios:
        _nagios(desk, quick=quick, dns=dns, loop=loop)
    findings = list(survey(desk, quick=quick, dns=dns, loop=loop))
    desk.rows({"check": one.what, "result": one.result, "text": one.text} for one in findings)
    raise click.exceptions.Exit(PROBLEMS if any(one.result == "problem" for one in findings) else 0)


def _nagios(desk: Desk, *, quick: bool, dns: bool, loop: bool) -> None:
    """OK 0, WARNING 1, CRITICAL 2; UNKNOWN 3 where not even looking was possible (monitoring-plugins.org)."""
    from mailflow.cli.failures import failure_of
    from mailflow.cli.findings import survey

    try:
        findings = list(survey(desk, quick=quick, dns=dns, loop=loop))
    except Exception as error:  # noqa: BLE001  a door: whatever it is, the monitor gets its one line
        failure = failure_of(error)
        said = " ".join(str(failure.text if failure else f"{type(error).__name__}: {error}").split())
        word, status = ("CRITICAL", 2) if failure and failure.exit_code == CONFIGURATION else ("UNKNOWN", 3)
    else:
        worst = [one for one in findings if one.result == "problem"]
        word, status = ("CRITICAL", 2) if worst else ("OK", 0)
        if not worst and (worst := [one for one in findings if one.result == "warning"]):
            word, status = "WARNING", 1
        said = "; ".join(one.text for one in worst) or f"{len(findings)} checks"
    # What stands behind | is performance data to a monitor.
    click.echo(f"MAILFLOW {word}: {said}".replace("|", "/"))
    raise click.exceptions.Exit(status)
