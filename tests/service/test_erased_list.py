"""The list beside the database, and what it is for: a restored backup, and who is named by others afterwards."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from mailflow.mail.address import parse_address
from mailflow.model.registration import Status
from mailflow.service import erased_list
from mailflow.service.erase import erasure_key
from mailflow.service.erased_list import Erasure, add, forget, read
from mailflow.store import backup_copy
from tests.service.test_erase import traces

ADA, BO, CAT = "ada.byron@example.org", "bo@example.org", "cat@example.org"
NOW = datetime(2019, 8, 20, 9, 30, 0, 5, tzinfo=UTC)
ONE, TWO = Erasure(NOW, "gan", "a" * 32), Erasure(NOW + timedelta(days=1), "gan", "b" * 32)


def test_lines_are_read_as_they_were_written(tmp_path):
    """Only its owner may read it; without a list there is nobody on it."""
    assert list(read(tmp_path)) == []
    add(tmp_path, ONE)
    add(tmp_path, TWO)
    assert list(read(tmp_path)) == [ONE, TWO]
    assert (tmp_path / "erased.list").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_root_writes_belongs_to_the_folder_s_owner(tmp_path):
    """An operator's `erase` must not leave a list that the service cannot write to: then nobody could be erased."""
    os.chown(tmp_path, 4711, 4712)
    for change in (lambda: add(tmp_path, ONE), lambda: add(tmp_path, TWO), lambda: forget(tmp_path, TWO.at)):
        change()
        there = (tmp_path / "erased.list").stat()
        assert (there.st_uid, there.st_gid, there.st_mode & 0o777) == (4711, 4712, 0o600)


@pytest.mark.parametrize("torn", [b"2019-08-2", b"\xff\xfe", b"2019-08-20T09:30:00 gan aaaa", b"soon gan aaaa\n"])
def test_what_a_crash_left_of_a_line_is_passed_over(tmp_path, torn):
    """And takes no other line with it."""
    add(tmp_path, ONE)
    with (tmp_path / "erased.list").open("ab") as file:
        file.write(torn)
    add(tmp_path, TWO)
    assert list(read(tmp_path)) == [ONE, TWO]


def test_the_list_is_bounded(tmp_path, monkeypatch):
    """Each person once when it has grown, and at night nobody whom no backup holds any more."""
    monkeypatch.setattr(erased_list, "_GROWN_OCTETS", 500)
    for minute in range(40):
        add(tmp_path, Erasure(NOW + timedelta(minutes=minute), "gan", ONE.who))
    assert len(list(read(tmp_path))) < 8
    assert max(one.at for one in read(tmp_path)) == NOW + timedelta(minutes=39)
    add(tmp_path, TWO)
    forget(tmp_path, TWO.at)
    assert list(read(tmp_path)) == [TWO]


async def restore(site, act):
    """The database is copied, `act` is done, and the copy takes its place."""
    copy = site.folder / "copy.db"
    backup_copy(site.folder / "mailflow.db", copy)
    await act()
    await site.client.close()
    await site.service.close()
    for file in site.folder.glob("mailflow.db*"):
        file.unlink()
    copy.rename(site.folder / "mailflow.db")
    await site.start()


async def test_a_restored_backup_brings_nobody_back(make_site):
    """Erased again before anything goes out: no letter to her, no byte of her, and her seat goes to the line."""
    site = await make_site(seats=1)
    await site.mail(f"Ada Byron <{ADA}>", "Diet: vegan", subject="REGISTER")
    await site.mail(BO, "", subject="REGISTER")

    async def erase():
        site.clock.forward(hours=1)
        await site.mail(ADA, "", subject="ERASE")
        assert site.kinds(ADA)[-1] == "erased"

    await restore(site, erase)
    letters = len(site.letters(ADA))
    assert await site.person(ADA) is None
    await site.tick()
    assert (await site.person(BO)).status is Status.CONFIRMED
    assert len(site.letters(ADA)) == letters
    assert traces(site, ADA, "ada.byron", "Ada Byron") == []
    assert list(site.service.means.store.recount()) == []


async def test_who_came_back_since_is_not_erased_again(site):
    """A start that knows of the erasure leaves a later registration alone."""
    await site.mail(ADA, "", subject="ERASE")
    await site.mail(ADA, "", subject="REGISTER")
    await site.client.close()
    await site.service.close()
    await site.start()
    assert (await site.person(ADA)).status is Status.CONFIRMED
    site.clock.forward(days=60)
    await site.tick()
    assert list(read(site.folder)) == []


async def test_who_signed_up_after_a_line_that_the_database_never_knew_is_left_alone(site):
    """The line is written first; if the database then fails, the mail ends without its erasure. A start long after
    that takes no seat of somebody who came back in between."""
    key = erasure_key(site.service.house, parse_address(ADA))
    add(site.folder, Erasure(site.clock.now() - timedelta(hours=1), "gan", key))
    await site.mail(ADA, "", subject="REGISTER")
    await site.client.close()
    await site.service.close()
    await site.start()
    assert (await site.person(ADA)).status is Status.CONFIRMED
    assert not await site.read(lambda reader: reader.stays_erased("gan", key))
    assert await site.read(lambda reader: reader.knows_erasure("gan", key, site.clock.now() - timedelta(hours=1)))


async def test_who_was_erased_is_not_asked_again_because_somebody_names_them(make_site):
    """They were told that it was the last letter; the one who names them hears what anybody would."""
    site = await make_site(seats=9)
    await site.mail(ADA, "", subject="ERASE")
    await site.mail(CAT, f"Please register my colleagues Ada, {ADA}, and Bo, {BO}.", subject="Two more")
    assert site.kinds(BO) == ["please_confirm"]
    assert site.kinds(ADA) == ["erased"]
    assert site.kinds(CAT) == ["status"]
    assert "2" in site.letters(CAT)[-1].text


async def test_their_own_mail_is_a_fresh_beginning(make_site):
    """Who registers by themselves is registered, and may be asked by others again when they have gone."""
    site = await make_site(seats=9)
    await site.mail(ADA, "", subject="ERASE")
    await site.mail(ADA, "", subject="REGISTER", signed=False)
    asked = site.letters(ADA)[-1]
    await site.mail(CAT, f"Please register my colleague Ada, {ADA}.", subject="One more")
    assert site.kinds(ADA) == ["erased", "please_confirm"]
    await site.mail(ADA, "Yes", signed=False, headers=[f"In-Reply-To: <{asked.message_id}>"])
    assert (await site.person(ADA)).status is Status.CONFIRMED
    await site.mail(ADA, "", subject="CANCEL")
    await site.mail(CAT, f"Please register my colleague Ada, {ADA}, again.", subject="Once more")
    assert site.kinds(ADA)[-2:] == ["cancelled", "please_confirm"]


async def test_nobody_is_erased_who_cannot_be_listed(site, monkeypatch):
    """The list is written first; without it the mail waits for another try, and all stands."""
    await site.mail(ADA, "", subject="REGISTER")

    def full(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("mailflow.service.erased_list.add", full)
    await site.mail(ADA, "", subject="ERASE", settle=False)
    for _ in range(100):
        if (await site.last_mail()).state == "failed":
            break
        site.service._arrived.set()
        await site.service.scribe.read(lambda reader: reader.due_at())
    assert (await site.person(ADA)).status is Status.CONFIRMED
    assert "erased" not in site.kinds(ADA)
