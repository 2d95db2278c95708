"""How many questions go out in an hour: to one domain, from one network, for one event, for the site."""

import pytest

from mailflow.desk.budget import AskLimits, limit_reached
from mailflow.model.decision import Asked


@pytest.mark.parametrize(("asked", "domain", "limit"), [
    (Asked(), "lu.se", ""),
    (Asked(site=499, event=199, domain=29, network=19, ran_out=50), "lu.se", ""),
    (Asked(network=20), "lu.se", "limit: one network"),
    (Asked(domain=30), "lu.se", "limit: one domain"),
    (Asked(domain=299), "gmail.com", ""),
    (Asked(domain=300), "gmail.com", "limit: one domain"),
    (Asked(event=200), "lu.se", "limit: one event"),
    (Asked(event=19, ran_out=51), "lu.se", ""),
    (Asked(event=20, ran_out=51), "lu.se", "limit: one event"),
    (Asked(site=500), "lu.se", "limit: the site"),
])  # fmt: skip
def test_a_question_more_is_asked_while_no_limit_is_reached(asked, domain, limit):
    """The numbers of trust.md; an event whose questions nobody answers asks few, and large providers get more."""
    assert limit_reached(asked, domain, 1, 1) == limit


def test_a_mail_that_names_several_counts_for_all_of_them():
    """Those of the same domain for the domain, everybody for the rest."""
    limits = AskLimits(domain=3, event=4)
    assert limit_reached(Asked(domain=1), "lu.se", 2, 4, limits) == ""
    assert limit_reached(Asked(domain=1), "lu.se", 3, 4, limits) == "limit: one domain"
    assert limit_reached(Asked(event=1), "lu.se", 2, 4, limits) == "limit: one event"
