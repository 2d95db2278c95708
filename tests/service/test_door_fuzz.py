"""A few hundred random dialogues with the door; `python -m tests.service.door_fuzz` has as many as there is time for."""

import pytest

from . import door_fuzz

# What has found something once: 55, 71 and 76 the fuzzer itself (what comes after the answer to STARTTLS is a handshake),
# 67 a log that a peer could fill by hanging up, the last two a handshake that was waited for after a farewell.
FOUND = (55, 67, 71, 76, 74_920_025, 74_920_308)


@pytest.fixture
async def house(tmp_path, keys_pem):
    house = door_fuzz.House(tmp_path, keys_pem)
    await house.open()
    yield house
    await house.close()


async def test_random_dialogues_break_nothing(house):
    """Each answer is a reply or a close, within a second; nothing fails inside; what is answered 250 is kept, once."""
    mails = sum([await door_fuzz.batch(house, seed) for seed in (*FOUND, *range(1000, 1036))])
    assert mails > 100


@pytest.mark.parametrize("octets", [b"250 OK", b"250-OK\r\n", b"25 OK\r\n", b"250 \xff\r\n", b"550 no\r\n", b"550 4.1.1 x\r\n", b"250-a\r\n221 b\r\n", b"999 x\r\n"])
def test_the_fuzzer_knows_what_a_reply_is(octets):
    """Half a line, half a reply, another code within, no status, octets outside ASCII."""
    with pytest.raises(door_fuzz.FoundError):
        door_fuzz.replies_of(octets)


async def test_the_fuzzer_finds_a_lost_mail_and_a_crash(house):
    """A house that says 250 without keeping, or breaks, is found out."""

    async def forgets(envelope, content):
        return (door_fuzz.ACCEPTED,) * len(envelope.forward_paths)

    async def breaks(envelope, content):
        raise RuntimeError("broken")

    async def some():
        for seed in range(5):
            await door_fuzz.batch(house, seed)

    for fault in (forgets, breaks):
        house.witness.reception.receive = fault
        with pytest.raises(door_fuzz.FoundError):
            await some()
        house.troubles.clear()
