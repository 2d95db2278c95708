"""`mailflow preview`: any letter, from sample data."""

from datetime import UTC, datetime
from pathlib import Path

import click

from mailflow.cli.common import Desk, common, fail
from mailflow.model.letter import LETTER_KINDS, VARIANTS
from mailflow.model.seal import Seal
from mailflow.render.sample import sample_event, sample_letter
from mailflow.service.opening import build_renderer

SAMPLE_NOW = datetime(2019, 8, 20, 7, 0, tzinfo=UTC)


@click.command()
@click.argument("kind", metavar="LETTER", type=click.Choice(LETTER_KINDS))
@click.option("--language", default=None, help="en, sv …; else the site's first.")
@click.option("--variant", default="", help="See --variants.")
@click.option("--variants", "list_variants", is_flag=True, help="List the variants of this letter.")
@click.option("--html", "html", type=click.Path(path_type=Path), help="Write the HTML part there.")
@click.option("--eml", "eml", type=click.Path(path_type=Path), help="Write the whole mail there.")
@common
def preview(desk: Desk, kind: str, language: str | None, variant: str, list_variants: bool,  # noqa: FBT001
            html: Path | None, eml: Path | None) -> None:  # fmt: skip
    """Any letter, drawn from sample data with the site's own templates."""
    name = next(known for known in LETTER_KINDS if known == kind)
    if list_variants:
        desk.rows({"letter": name, "variant": one} for one in VARIANTS[name])
        return
    if variant not in VARIANTS[name]:
        fail(f"{kind} has no variant {variant!r}: {', '.join(filter(None, VARIANTS[name])) or 'none'}", 2)
    config = desk.config(secrets=False)
    chosen = language or config.site.languages[0]
    if chosen not in config.site.languages:
        fail(f"No language {chosen!r}; there is {', '.join(config.site.languages)}.", 2)
    seal = Seal(b"a key for previews, not a secret")
    renderer = build_renderer(config, seal)
    letter = sample_letter(name, variant, chosen)
    rendered = renderer.render(letter, sample_event(), seal.reference(1), SAMPLE_NOW)
    if html is not None:
        html.write_text(rendered.html, encoding="utf-8")
    if eml is not None:
        eml.write_bytes(rendered.octets)
    if desk.as_json:
        desk.one({"letter": kind, "language": chosen, "subject": rendered.subject, "text": rendered.text})
    else:
        click.echo(f"Subject: {rendered.subject}\n\n{rendered.text}")
