"""A Postfix, a site and a sink for each test; whatever a test has started is ended behind it."""

import pytest

from tests.whole.conftest import make_site, sink
from tests.whole.site import DOMAIN

from .front import Front, free_port, lines_of

__all__ = ["make_site", "sink"]  # fixtures


@pytest.fixture
def front(sink):
    front = Front.new(sink.port)
    yield front
    front.stop()


@pytest.fixture
def stand(make_site, sink, front):
    """Start Postfix with our lines, and lay out a site that takes mail from it and sends by it."""

    def stand(protocol="lmtp", nexthop="[127.0.0.1]:{port}", listen="127.0.0.1:{port}", also="", more="", **changes):
        sink.open()
        site, port = make_site(), free_port()
        where = {"port": port, "folder": front.folder}
        text = site.config.read_text(encoding="utf-8")
        text = text.replace('"127.0.0.1:0"]', f'"{listen.format(**where)}"]\nprotocol = "{protocol}"')
        text = text.replace(f"smtp://127.0.0.1:{sink.port}", f"smtp://127.0.0.1:{front.port}")
        site.config.write_text(text, encoding="utf-8")
        transport = f"{protocol}:{nexthop.format(**where)}"
        lines = lines_of("subdomain.cf", domain=("events.example.org", DOMAIN),
                         transport=("smtp:[127.0.0.1]:2525", transport), **changes)  # fmt: skip
        front.start(lines + also, more)
        return site

    return stand
