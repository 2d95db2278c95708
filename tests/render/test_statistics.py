"""Sign-ups in numbers, as text and as a page."""

from datetime import date, timedelta

from mailflow.model.statistics import Statistics, Tally
from mailflow.render.export import shipped_words
from mailflow.render.statistics import as_text, parts, show_up_rate

TOLD = Statistics(
    tallies=(Tally("cancelled", 2, 2), Tally("confirmed", 40, 43)),
    signed_up=((date(2019, 8, 12), 30), (date(2019, 8, 13), 1)),
    gone=((date(2019, 8, 14), 2),),
    languages=(("sv", 25), ("", 15)),
    affiliations=(("Lund University", 20), ("", 5), ("<b>Zalando</b>", 3)),
    absent=4,
)


def test_the_show_up_rate_is_told_after_the_end(event):
    """Of those with a seat; nobody is no rate."""
    assert show_up_rate(TOLD, event, event.ends - timedelta(seconds=1)) is None
    assert show_up_rate(TOLD, event, event.ends) == 90
    assert show_up_rate(Statistics(), event, event.ends) is None


def test_bars_are_as_long_as_the_numbers_beside_them(event):
    """The smallest has one block; what was never counted is left out."""
    text = as_text("Numbers", parts(shipped_words("en"), event, TOLD, event.ends))
    assert "  12 August 2019  30  " + "█" * 30 + "\n" in text
    assert "  13 August 2019   1  █\n" in text
    assert "  came (90 %)    36  " in text
    assert "  others" in text
    assert "  not known  15  " in text
    assert as_text("Numbers", parts(shipped_words("en"), event, Statistics(), event.ends)) == "Numbers\n"


def test_the_page_names_nobody_and_needs_no_network(renderer, event):
    """What people called their affiliation is text."""
    page = renderer.statistics_page(event, TOLD, "sv", event.ends).decode()
    assert '<html lang="sv">' in page
    assert "Anmälningar i siffror" in page
    assert "<b>" not in page
    assert 'style="width:100%"' in page
    for word in ("http", "src=", "<script", "url("):
        assert word not in page
