"""A dead address that looks like a slip of the fingers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.desk.spelling import PROVIDERS, meant, one_slip
from mailflow.mail.address import parse_address


@pytest.mark.parametrize(
    ("typed", "meant_to_be"),
    [
        ("Bo.Ek@gmial.com", "Bo.Ek@gmail.com"),
        ("bo@gmail.con", "bo@gmail.com"),
        ("bo@gmail.co", "bo@gmail.com"),
        ("bo@ggmail.com", "bo@gmail.com"),
        ("bo@hotmial.se", "bo@hotmail.se"),
        ("bo@uni.exmaple", "bo@uni.example"),
        ("bo@gmail.com", None),
        ("bo@uni.example", None),
        ("bo@hotmail.de", None),
        ("bo@gmaill.con", None),
        ("bo@he.com", None),
        ("bo@elsewhere.example", None),
    ],
)
def test_one_slip_in_a_known_domain_is_mended(typed, meant_to_be):
    """One only, and only where a single domain is near; what exists is no slip."""
    found = meant(parse_address(typed), ["uni.example"])
    assert (str(found) if found else None) == meant_to_be


@given(st.sampled_from(PROVIDERS), st.data())
def test_every_single_slip_is_seen_and_no_other(domain, data):
    """Whichever letter it is, from either side."""
    at = data.draw(st.integers(0, len(domain) - 1))
    letter = data.draw(st.sampled_from("abcz.-"))
    slips = {domain[:at] + domain[at + 1 :], domain[:at] + letter + domain[at:], domain[:at] + letter + domain[at + 1 :],
             domain[:at] + domain[at : at + 2][::-1] + domain[at + 2 :]}  # fmt: skip
    for slip in slips - {domain}:
        assert one_slip(slip, domain)
        assert one_slip(domain, slip)
    assert not one_slip(domain, domain)
    assert not one_slip("qq" + domain, domain)
