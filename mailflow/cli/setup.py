"""`mailflow init`: from nothing to a site that `check` can look at."""

import os
import sys
from pathlib import Path

import click

from mailflow.cli.common import Desk, common, fail
from mailflow.cli.keys import write_secret, zone_text
from mailflow.config.find import find
from mailflow.config.load import load
from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.model.seal import new_key
from mailflow.proof.signer import new_key as new_dkim_key
from mailflow.proof.signer import public_record
from mailflow.resources import shipped
from mailflow.service.opening import open_site_store

_CONFIG = """# mailflow: {domain}. Every key with its default: mailflow config show --defaults

[site]
domain   = "{domain}"
name     = {name}
contact  = "{contact}"               # gets postmaster@ and abuse@
timezone = "{timezone}"

[intake]
listen = ["127.0.0.1:2525"]

[outgoing]
relay = "{relay}"
"""


@click.command("init")
@click.argument("address", metavar="ADDRESS")
@click.option("--name", help="Who runs this; shown in footers.")
@click.option("--contact", help="Gets postmaster@ and abuse@.")
@click.option("--timezone", help="For example Europe/Stockholm.")
@click.option("--relay", help="What takes our letters, for example smtp://127.0.0.1:25.")
@click.option("--dir", "folder", default=".", show_default=True, type=click.Path(path_type=Path), help="Where to.")
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults.")
@common
def init(desk: Desk, address: str, name: str | None, contact: str | None, timezone: str | None,
         relay: str | None, folder: Path, yes: bool) -> None:  # noqa: FBT001  # fmt: skip
    """Write configuration, keys, database and a first event for ADDRESS (gan@events.example.org). Never overwrites."""
    first = _event_address(address)
    target = (desk.config_file or folder / "mailflow.toml").absolute()
    if target.exists():
        fail(f"{target} exists and stays as it is.", 1)
    ask = not yes and sys.stdin.isatty()
    name = name or _ask("Who runs this?", first.domain, ask=ask)
    contact = contact or _ask("Who gets mail to postmaster?", f"postmaster@{first.domain.partition('.')[2]}", ask=ask)
    timezone = timezone or _ask("Time zone?", _own_zone(), ask=ask)
    relay = relay or _ask("Which server takes our letters?", "smtp://127.0.0.1:25", ask=ask)
    text = _CONFIG.format(domain=first.domain, name=_quoted(name), contact=contact, timezone=timezone, relay=relay)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    try:
        # The same search as every other verb's: below /etc the database is in /var/lib, where the service looks for it.
        config = load(find(target, desk.state_dir, os.environ), {}, secrets="later")
    except Exception:
        target.unlink()  # an answer was wrong; the next try must not meet half a site
        raise
    made = [target]
    if not config.site.key_file.exists():
        write_secret(config.site.key_file, new_key(os.urandom(32)).encode())
        made.append(config.site.key_file)
    if not config.dkim.key_file.exists():
        write_secret(config.dkim.key_file, new_dkim_key())
        made.append(config.dkim.key_file)
    event = config.site.events / f"{first.local}.toml"
    if not event.exists():
        event.parent.mkdir(parents=True, exist_ok=True)
        event.write_bytes((shipped("deploy") / "events" / "example.toml").read_bytes())
        made.append(event)
    store = open_site_store(config)
    store.migrate()
    store.close()
    desk.rows({"made": str(path)} for path in made)
    record = public_record(config.dkim.key_file.read_bytes())
    desk.say(
        f"\nPublish in DNS (mailflow dns prints all records):\n"
        f"  {config.dkim.selector}._domainkey.{first.domain}. TXT {zone_text(record)}\n\n"
        f"Next: edit {event}, then\n  mailflow check --config {target}\n  mailflow serve --config {target}"
    )


def _event_address(text: str) -> Address:
    try:
        address = parse_address(text)
    except AddressError as error:
        fail(f"{text!r} is not an address such as gan@events.example.org: {error}", 2)
    if len(address.local) > 25 or not address.local.replace("-", "").isalnum() or not address.local.isascii():
        fail(f"{address.local!r} cannot name an event: at most 25 letters, digits and hyphens.", 2)
    return Address(address.local.lower(), address.domain)


def _ask(question: str, default: str, *, ask: bool) -> str:
    return str(click.prompt(question, default=default, err=True)) if ask else default


def _quoted(text: str) -> str:
    """A TOML basic string."""
    import json  # noqa: PLC0415  JSON's strings are TOML's, but for \\/ which it does not write

    return json.dumps(text, ensure_ascii=False)


def _own_zone() -> str:
    """The machine's zone by name, where /etc/localtime says it."""
    try:
        where = str(Path("/etc/localtime").readlink())
    except OSError:
        return "Europe/Stockholm"
    _, found, name = where.partition("zoneinfo/")
    return name if found and name not in ("UTC", "Etc/UTC") else "Europe/Stockholm"
