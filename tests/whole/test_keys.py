"""Changing the DKIM key while the service runs."""

import dkim
import pytest

from mailflow.proof.signer import public_record

from .site import people, send

pytestmark = pytest.mark.whole


def test_hup_takes_the_new_dkim_key(make_site, sink):
    """`keygen --selector`, two lines of the configuration and HUP: the next letter is signed with the new key."""
    site = make_site()
    sink.open()
    one = site.serve()
    ada, bo = people(2)
    send(one.port, (ada.address, ada.mail()))
    assert sink.wait(lambda sink: sink.to(ada.address))
    site.cli("keygen", "--selector", "mf2", "-o", str(site.folder / "mf2.key"))
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(f'{text}\n[dkim]\nselector = "mf2"\nkey_file = "mf2.key"\n', encoding="utf-8")
    one.hang_up()
    assert one.wait_log("service=reloaded")
    send(one.port, (bo.address, bo.mail()))
    assert sink.wait(lambda sink: sink.to(bo.address))
    for person, name, file in ((ada, b"mf1.", "dkim.key"), (bo, b"mf2.", "mf2.key")):
        record = public_record((site.folder / file).read_bytes()).encode()
        asked = []
        answer = lambda name, asked=asked, record=record, **_: asked.append(name) or record  # noqa: E731  dkimpy wants a function
        assert dkim.verify(sink.to(person.address)[0].content, dnsfunc=answer)
        assert asked[0].startswith(name)
    assert one.terminate() == 0
