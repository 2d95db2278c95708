"""`mailflow keygen` and `mailflow dns`."""

import os
import re
from pathlib import Path

import click

from mailflow.cli.common import Desk, common, fail
from mailflow.proof.signer import new_key, public_record

_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@click.command()
@click.option("--selector", metavar="S", help="Name of the new key in DNS; else the configuration's.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write it; else dkim.key_file.")
@common
def keygen(desk: Desk, selector: str | None, output: Path | None) -> None:
    """A new RSA-2048 DKIM key, and the record to publish. An existing file is never overwritten: the old one stays."""
    config = desk.config(secrets=False)
    name = selector or config.dkim.selector
    if not _SELECTOR.fullmatch(name):
        fail(f"{name!r} is no selector: letters, digits and inner hyphens, at most 63.", 2)
    path = output or config.dkim.key_file
    if path.exists():
        fail(f"{path} exists and stays as it is. Give -o FILE and --selector for a further key.", 1)
    pem = write_secret(path, new_key())
    desk.one({"key_file": path, "record": f"{name}._domainkey.{config.site.domain}.", "value": public_record(pem)})
    desk.say("Publish the record, wait for DNS, then set dkim.selector and dkim.key_file and reload.")


@click.command()
@click.argument("domain", required=False)
@common
def dns(desk: Desk, domain: str | None) -> None:
    """Zone lines to paste, each with a comment that says what breaks without it."""
    config = desk.config(secrets=False)
    zone = domain or config.site.domain
    rows = [
        {"name": f"{zone}.", "type": "MX", "value": f"10 mx.{zone}.", "without_it": "no mail reaches the events"},
        {"name": f"{zone}.", "type": "TXT", "value": f'"v=spf1 a:mx.{zone} -all"',
         "without_it": "our letters may be taken for forged ones"},
        {"name": f"_dmarc.{zone}.", "type": "TXT", "value": '"v=DMARC1; p=quarantine; adkim=s; aspf=s"',
         "without_it": "others can write in our name"},
    ]  # fmt: skip
    if config.dkim.key_file.exists():
        record = public_record(config.dkim.key_file.read_bytes())
        rows.append({"name": f"{config.dkim.selector}._domainkey.{zone}.", "type": "TXT", "value": zone_text(record),
                     "without_it": "our signature cannot be checked"})  # fmt: skip
    if desk.as_json:
        desk.rows(rows)
        return
    desk.say(f"Put your mail server's own name in place of mx.{zone}.")
    for row in rows:
        click.echo(f"{row['name']:<40} {row['type']:<4} {row['value']}   ; without it: {row['without_it']}")


def zone_text(record: str) -> str:
    """A TXT value as zone files take it: quoted strings of at most 255 octets (RFC 1035 §3.3)."""
    return " ".join(f'"{record[i : i + 255]}"' for i in range(0, len(record), 255))


def write_secret(path: Path, octets: bytes) -> bytes:
    """Write a new file that only its owner may read; the octets come back. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(octets)
    return octets
