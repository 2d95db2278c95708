"""`mailflow init`: from nothing to a site that `check` can look at."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailflow.cli.desk import Desk, at_desk
from mailflow.cli.leaving import FAILED, fail
from mailflow.resources import called

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailflow.config.schema import Config
    from mailflow.mail.address import Address

_CONFIG = """# Every key with its default: mailflow config show --defaults

[site]
domain   = {domain}
name     = {name}
contact  = {contact}   # gets postmaster@ and abuse@
timezone = {timezone}

[intake]
listen = ["127.0.0.1:2525"]

[outgoing]
relay = {relay}
"""


@click.command("init")
@click.argument("text", metavar="ADDRESS")
@click.option("--name", metavar="TEXT", help="Who runs this; shown in footers.")
@click.option("--contact", metavar="ADDR", help="Gets postmaster@ and abuse@.")
@click.option("--timezone", metavar="ZONE", help="For example Europe/Stockholm.")
@click.option("--relay", metavar="URL", help="What takes our letters, for example smtp://127.0.0.1:25.")
@click.option(
    "--dir", "folder", default=".", show_default=True, type=click.Path(path_type=Path), metavar="DIR", help="Where to."
)
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults.")
@click.option(
    "--force",
    is_flag=True,
    help="Begin anew: an old configuration is kept beside the new one, and so are keys, events and database.",
)
@at_desk
def init(desk: Desk, text: str, name: str | None, contact: str | None, timezone: str | None, relay: str | None,
         folder: Path, yes: bool, force: bool) -> None:  # noqa: FBT001  click's signature  # fmt: skip
    """Write configuration, keys, database and a first event for ADDRESS (gan@events.example.org). Never overwrites.

    Asks at most four questions, on a terminal only.
    """
    from mailflow.cli.keys import records, zone

    first = _event_address(text)
    target = desk.config_file or (folder / "mailflow.toml").absolute()
    if target.exists() and not force:
        more = "for a further event: mailflow event add FILE; --force begins anew and keeps a copy"
        fail(f"{target} exists and stays as it is ({more}).", FAILED)
    asked = not yes and sys.stdin.isatty()
    answers = {
        "domain": first.domain,
        "name": name or _ask("Who runs this?", first.domain, asked),
        "contact": contact or _ask("Who gets mail to postmaster?", _postmaster(first.domain), asked),
        "timezone": timezone or _ask("Time zone?", _own_zone(), asked),
        "relay": relay or _ask("Which server takes our letters?", "smtp://127.0.0.1:25", asked),
    }
    # JSON's strings are TOML's, but for the \\/ that it does not write.
    words = {key: json.dumps(value, ensure_ascii=False) for key, value in answers.items()}
    config, made = _configured(desk, target, _CONFIG.format(**words))
    made += [*_keys(config), *_event(config, first.local)]
    desk.writing(config)
    desk.rows({"made": str(path)} for path in made)
    event = config.site.events / f"{first.local}.toml"
    desk.say(
        f"\nPublish in DNS:\n\n{zone(records(config, first.domain))}\n\n"
        f"Next: edit {event}, then\n  {called()} check --config {target}\n  {called()} serve --config {target}"
    )


def _configured(desk: Desk, target: Path, text: str) -> tuple[Config, list[Path]]:
    """Write the file, and read it as every other verb does: below /etc the database is in /var/lib.

    When an answer was wrong, the next try must not meet half a site: everything is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(target) if target.exists() else None
    if aside is not None:
        target.rename(aside)
    target.write_text(text, encoding="utf-8")
    try:
        return desk.config("later", target), [target, *([aside] if aside else [])]
    except Exception:
        target.unlink()
        if aside is not None:
            aside.rename(target)
        raise


def _aside(target: Path) -> Path:
    number = 1
    while (old := target.with_name(f"{target.name}.old{number}")).exists():
        number += 1
    return old


def _keys(config: Config) -> Iterator[Path]:
    from mailflow.cli.secret import write_secret
    from mailflow.model.seal import new_key
    from mailflow.proof.signer import new_key as new_dkim_key

    if not config.site.key_file.exists():
        write_secret(config.site.key_file, new_key(os.urandom(32)).encode())
        yield config.site.key_file
    if not config.dkim.key_file.exists():
        write_secret(config.dkim.key_file, new_dkim_key())
        yield config.dkim.key_file


def _event(config: Config, name: str) -> Iterator[Path]:
    from mailflow.resources import shipped

    event = config.site.events / f"{name}.toml"
    if not event.exists():
        event.parent.mkdir(parents=True, exist_ok=True)
        event.write_bytes((shipped("deploy") / "events" / "example.toml").read_bytes())
        yield event


def _event_address(text: str) -> Address:
    from mailflow.config.event_name import name_fault
    from mailflow.mail.address import Address, AddressError, parse_address

    try:
        address = parse_address(text)
    except AddressError as error:
        raise click.UsageError(f"{text!r} is no address such as gan@events.example.org: {error}") from error
    local = address.local.lower()
    if fault := name_fault(local):
        raise click.UsageError(f"{local!r} cannot name an event: {fault}.")
    return Address(local, address.domain)


def _ask(question: str, default: str, asked: bool) -> str:  # noqa: FBT001  whether anybody is there to be asked
    return str(click.prompt(question, default=default, err=True)) if asked else default


def _postmaster(domain: str) -> str:
    """Of the domain above, where there is one: mail to our own would come back to us."""
    above = domain.partition(".")[2]
    return f"postmaster@{above if '.' in above else domain}"


def _own_zone() -> str:
    """The machine's zone by name, where /etc/localtime says it."""
    try:
        where = str(Path("/etc/localtime").readlink())
    except OSError:
        return "Europe/Stockholm"
    _, found, name = where.partition("zoneinfo/")
    return name if found and name not in ("UTC", "Etc/UTC") else "Europe/Stockholm"
