"""`mailflow keygen` and `mailflow dns`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk
from mailflow.cli.leaving import FAILED, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from mailflow.config.schema import Config

_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_WIDTH = 36


@click.command()
@click.option("--selector", metavar="S", help="Name of the new key in DNS; else the next one (mf1, mf2, …).")
@click.option("--retire", metavar="S", help="Make no key: print the record that says that key S is used no more.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to write it.")
@at_desk
def keygen(desk: Desk, selector: str | None, retire: str | None, output: Path | None) -> None:
    """A new RSA-2048 DKIM key, and the record to publish. No file is overwritten: the old key stays valid.

    Publish the record, wait until DNS shows it, then set dkim.selector and dkim.key_file and reload. Retire the old
    key a week later, when nothing signed by it is under way any more.
    """
    from mailflow.cli.secret import write_secret
    from mailflow.proof.signer import new_key, public_record

    config = desk.config("later")
    if retire is not None:
        desk.one({"record": _name(_checked(retire), config), "value": "v=DKIM1; p="})
        return
    first = config.dkim.key_file
    name = _checked(selector or (_next(config) if first.exists() and output is None else config.dkim.selector))
    path = output or (first if name == config.dkim.selector else first.with_name(f"{name}.key"))
    if path.exists():
        fail(f"{path} exists and stays as it is; give another -o FILE.", FAILED)
    pem = write_secret(path, new_key())
    desk.one({"selector": name, "key_file": path, "record": _name(name, config), "value": public_record(pem)})
    desk.say("Publish the record, wait for DNS, then set dkim.selector and dkim.key_file and reload.")


@click.command()
@click.argument("domain", required=False, metavar="[DOMAIN]")
@at_desk
def dns(desk: Desk, domain: str | None) -> None:
    """Zone lines to paste, each with a comment that says what breaks without it. DOMAIN: else the site's."""
    config = desk.config("later")
    rows = records(config, domain or config.site.domain)
    if desk.as_json:
        desk.rows(rows)
        return
    click.echo(zone(rows))
    if not config.intake.hostname:
        desk.say(f"Put your mail server's own name in place of {_host(config, domain or config.site.domain)}.")
    if config.dkim.sign and not config.dkim.key_file.exists():
        desk.say("There is no DKIM key yet: mailflow keygen")


def records(config: Config, domain: str) -> list[dict[str, str]]:
    """What to publish, with what breaks without it."""
    from mailflow.proof.signer import public_record

    host = _host(config, domain)
    rows = [
        (f"{domain}.", "MX", f"10 {host}.", "no mail reaches the events"),
        (f"{domain}.", "TXT", _quoted(f"v=spf1 a:{host} -all"), "our letters may be taken for forged ones"),
    ]
    if config.dkim.sign and config.dkim.key_file.exists():
        value = _quoted(public_record(config.dkim.key_file.read_bytes()))
        rows.append((_name(config.dkim.selector, config, domain), "TXT", value, "our signature cannot be checked"))
    policy = _quoted("v=DMARC1; p=quarantine; adkim=s; aspf=s")
    rows.append((f"_dmarc.{domain}.", "TXT", policy, "others can write in our name"))
    return [{"name": name, "type": kind, "value": value, "without_it": breaks} for name, kind, value, breaks in rows]


def zone(rows: list[dict[str, str]]) -> str:
    """The records as lines of a zone file, each below its comment."""
    return "\n".join(
        f"; without it: {row['without_it']}\n{row['name']:<{_WIDTH}}  {row['type']:<4} {row['value']}" for row in rows
    )


def _host(config: Config, domain: str) -> str:
    return config.intake.hostname or f"mx.{domain}"


def _name(selector: str, config: Config, domain: str = "") -> str:
    return f"{selector}._domainkey.{domain or config.site.domain}."


def _quoted(record: str) -> str:
    """A TXT value as zone files take it: quoted strings of at most 255 octets (RFC 1035 §3.3)."""
    return " ".join(f'"{record[i : i + 255]}"' for i in range(0, len(record), 255))


def _checked(selector: str) -> str:
    if not _SELECTOR.fullmatch(selector):
        raise click.UsageError(f"{selector!r} is no selector: small letters, digits and inner hyphens, at most 63.")
    return selector


def _next(config: Config) -> str:
    """mf2 after mf1; the first that has no file yet."""
    stem = config.dkim.selector.rstrip("0123456789")
    number = int(config.dkim.selector[len(stem) :] or 1) + 1
    while config.dkim.key_file.with_name(f"{stem}{number}.key").exists():
        number += 1
    return f"{stem}{number}"
