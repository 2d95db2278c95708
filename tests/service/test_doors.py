"""The ways in, when one cannot be had."""

import pytest

from mailflow.cli.failures import failure_of
from mailflow.service.doors import named


def test_an_address_in_use_is_said_with_its_key():
    """Health and intake both listen; the sentence says which of the two, where, and why."""
    with pytest.raises(OSError, match="Address already in use") as caught, named("health.listen", "127.0.0.1:8080"):
        raise OSError(98, "error while attempting to bind on address ('127.0.0.1', 8080): address already in use")
    assert failure_of(caught.value).text == "health.listen: 127.0.0.1:8080: Address already in use"


def test_what_has_no_number_keeps_its_words():
    """A place that is refused by ourselves has only words."""
    with pytest.raises(OSError, match="nobody is there"), named("intake.listen", "systemd:smtp"):
        raise OSError("nobody is there")
