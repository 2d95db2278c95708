import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.config import places, schema, values
from mailflow.config.values import Kind

KINDS = sorted(
    {id(kind): (name, kind) for module in (values, places, schema) for name, kind in vars(module).items()
     if isinstance(kind, Kind)}.values()
)  # fmt: skip
TOML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.datetimes() | st.dates() | st.times()
    | st.sampled_from(["smtp://[", "smtp://x:99999", "unix:", "systemd:", "[::1", "1 min", "9 days", "capture:x", "a@b.c"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@pytest.mark.parametrize("kind", [kind for _, kind in KINDS], ids=[name for name, _ in KINDS])
def test_every_example_is_right(kind):
    """What a problem shows as an example would be accepted."""
    kind.stand_in  # noqa: B018  it raises where the example is wrong
    assert kind.expected


@given(TOML)
@settings(max_examples=150)
def test_reading_raises_nothing_but_value_error(raw):
    """Total over whatever tomllib can make."""
    for _, kind in KINDS:
        with contextlib.suppress(ValueError):
            kind.read(raw)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("60 s", 60),
        ("1 min", 60),
        ("2 hours", 7200),
        ("48 hours", 172800),
        ("3 days", 259200),
        ("1 week", 604800),
        ("90s", 90),
    ],
)
def test_durations(text, span):
    """A number and a unit, in the words of the examples."""
    assert values.DURATION.read(text) == timedelta(seconds=span)


@pytest.mark.parametrize(
    "raw", ["60", "s", "-1 s", "1.5 h", "1 fortnight", "0 s", "99999 days", 60, True, None, "１ s"]
)
def test_what_is_no_duration(raw):
    """No bare numbers, no fractions, nothing longer than ten years."""
    with pytest.raises(ValueError):
        values.DURATION.read(raw)


@pytest.mark.parametrize(("text", "octets"), [("10 MiB", 10 << 20), ("1024 B", 1024), ("25 MB", 25_000_000)])
def test_sizes(text, octets):
    """Binary and decimal units are different things."""
    assert values.SIZE.read(text) == octets


@pytest.mark.parametrize(
    "raw",
    ["2525", "localhost", "::1:25", "[::1]", "0.0.0.0:65536", "host.example:25", "unix:", "systemd:a b", "systemd:"],
)
def test_what_is_no_place_to_listen(raw):
    """A socket is one address and one port."""
    with pytest.raises(ValueError):
        places.LISTEN.read(raw)


@pytest.mark.parametrize(
    "raw",
    ["http://x", "smtp://", "smtp://a/b", "smtp://u@h", "smtp://h:0x1", "smtp:// h", "capture:", "smtp://h?x", 25],
)
def test_what_is_no_relay(raw):
    """A scheme, a host, a port."""
    with pytest.raises(ValueError):
        places.RELAY.read(raw)


@pytest.mark.parametrize(
    ("raw", "relay"),
    [
        ("smtp://relay.example.org", places.Relay("smtp", "relay.example.org", 25)),
        ("smtp+tls://relay.example.org", places.Relay("smtp+tls", "relay.example.org", 587)),
        ("smtps://[::1]:4650/", places.Relay("smtps", "::1", 4650)),
        ("capture:var/sent", places.Capture(Path("var/sent"))),
    ],
)
def test_a_relay_is_named_by_a_url(raw, relay):
    """Scheme, host and port, with the ports that everybody uses; or a folder."""
    assert places.RELAY.read(raw) == relay


@pytest.mark.parametrize("raw", ["", "relay", "smtp:", "smtp://:25", "smtp://x:port", "smtp://x:99999", "smtp://u:p@x", "smtp://[x"])
def test_what_names_no_relay_is_an_error(raw):
    """With a sentence; a password never stands in a URL."""
    with pytest.raises(ValueError):
        places.RELAY.read(raw)


def test_a_boolean_is_no_number_and_a_number_no_boolean():
    """TOML keeps them apart, so do we."""
    with pytest.raises(ValueError):
        values.COUNT.read(True)
    with pytest.raises(ValueError):
        values.BOOLEAN.read(1)
