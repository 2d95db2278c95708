"""`mailflow preview`: any letter, from sample data."""

from __future__ import annotations

from pathlib import Path

import click

from mailflow.cli.desk import Desk, at_desk, choose_event, write_file
from mailflow.cli.leaving import FAILED, fail

# ruff: noqa: PLC0415  heavy imports happen inside: --help must be quick


@click.command()
@click.argument("kind", metavar="[LETTER]", required=False)
@click.option("--language", metavar="CODE", help="en, sv …; else the site's first.")
@click.option("--variant", metavar="NAME", default="", help="Without LETTER, all are listed.")
@click.option("--event", metavar="EVENT", help="With this event's words and templates; else with the seed event's.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write the HTML part there.")
@click.option("--eml", type=click.Path(path_type=Path), metavar="FILE", help="Write the whole mail there.")
@click.option("--yes", is_flag=True, help="Replace existing files without asking.")
@at_desk
def preview(desk: Desk, kind: str | None, language: str | None, variant: str, event: str | None,
            html: Path | None, eml: Path | None, yes: bool) -> None:  # noqa: FBT001  click's signature  # fmt: skip
    """Any letter, drawn from sample data with the site's own templates. Without LETTER: which there are."""
    from mailflow.cli.specimen import SEAL, specimen
    from mailflow.model.letter import LETTER_KINDS, VARIANTS
    from mailflow.service.opening import build_renderer

    if kind is None:
        desk.rows({"letter": one, "variants": [*filter(None, VARIANTS[one])]} for one in LETTER_KINDS)
        return
    name = next((one for one in LETTER_KINDS if one == kind), None)
    if name is None:
        raise click.UsageError(f"No letter {kind!r}; there is {', '.join(LETTER_KINDS)}.")
    if variant not in VARIANTS[name]:
        raise click.UsageError(f"{name} has no variant {variant!r}: {', '.join(VARIANTS[name][1:]) or 'none'}.")
    house = desk.house() if event is not None else None
    config = house.config if house else desk.config("later")
    chosen = language or config.site.languages[0]
    if chosen not in config.site.languages:
        raise click.UsageError(f"No language {chosen!r}; there is {', '.join(config.site.languages)}.")
    about = choose_event(house, event) if house else None
    try:
        rendered = specimen(build_renderer(config, SEAL), name, variant, chosen, about)
    except Exception as error:  # noqa: BLE001  whatever a template of the site's raises is what its author wants to read
        fail(f"{chosen}/{name}: {type(error).__name__}: {error}", FAILED)
    if html is not None:
        write_file(html, rendered.html.encode(), yes)
    if eml is not None:
        write_file(eml, rendered.octets, yes)
    if desk.as_json:
        desk.one({"letter": name, "variant": variant, "language": chosen, "subject": rendered.subject,
                  "text": rendered.text})  # fmt: skip
    else:
        click.echo(f"Subject: {rendered.subject}\n\n{rendered.text}", nl=False)
