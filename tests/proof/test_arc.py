"""ARC decides nothing, whatever it says of itself."""

import time

import pytest

SET = (
    b"ARC-Seal: i=%d; a=rsa-sha256; t=1777888800; cv=%s; d=%s; s=arc; b=AAAA\r\n"
    b"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=list.example; s=arc; h=from:to; bh=AAAA; b=AAAA\r\n"
    b"ARC-Authentication-Results: i=1; mx.example.org; dkim=pass header.d=uni.example; dmarc=pass header.from=uni.example\r\n"
)


def chain(count, word=b"pass", domain=b"list.example"):
    return b"".join(SET % (number, word, domain) for number in range(count, 0, -1))


@pytest.mark.parametrize("word", [b"none", b"pass", b"fail"])
@pytest.mark.parametrize("policy", [None, "none", "reject"])
def test_a_chain_changes_no_level(world, tools, key, word, policy):
    """Not of an unsigned mail, a broken one, a good one; with a word of our own border in it neither."""
    if policy:
        world.dmarc("uni.example", f"v=DMARC1; p={policy}")
    signed = tools.dkim_sign(tools.PLAIN, key)
    for content in (tools.PLAIN, signed, signed.replace(b"register me", b"cancel me")):
        without = world.prove(content)
        with_it = world.prove(chain(2, word) + content)
        assert (with_it.level, with_it.how, with_it.domain) == (without.level, without.how, without.domain)
    world.relay("mx.example.org")
    assert world.prove(chain(2, word) + tools.PLAIN).level == ("F" if policy == "reject" else "N")


def test_five_seals_are_noted(world, tools):
    """For whoever asks why a mail from a list was not proved."""
    proof = world.prove(chain(7) + tools.PLAIN)
    noted = [detail for detail in proof.details if detail.startswith("arc=")]
    assert noted == [f"arc=pass i={number} d=list.example (only noted)" for number in (7, 6, 5, 4, 3)]


@pytest.mark.parametrize("seal", [b"", b"i=1", b"i=x; cv=pass; d=a.example", b"i=1; cv=<b>; d=\xff", b";" * 8000, b"i" * 9000,
                                  b"i=1; i=2", b"i=1; cv=pass; d=" + b"a." * 4000])  # fmt: skip
def test_a_seal_that_cannot_be_read_is_a_question_mark(world, tools, seal):
    """Nothing of it gets into the log as it came."""
    begun = time.process_time()
    proof = world.prove(b"ARC-Seal: " + seal + b"\r\n" + tools.PLAIN)
    assert time.process_time() - begun < 0.5
    noted = [detail for detail in proof.details if detail.startswith("arc=")]
    assert noted in (["arc=? (only noted)"], ["arc=? i=1 d=? (only noted)"], ["arc=pass i=1 d=? (only noted)"])
