"""One site and one sink for each test; whatever a test has started is ended behind it."""

import pytest

from .sink import Sink
from .site import Site


@pytest.fixture
def sink():
    sink = Sink()
    yield sink
    sink.close()


@pytest.fixture
def make_site(tmp_path, sink):
    made = []

    def make(**wishes):
        site = Site(tmp_path / f"site{len(made)}", sink.port, **wishes).lay_out()
        made.append(site)
        return site

    yield make
    for site in made:
        site.stop()
