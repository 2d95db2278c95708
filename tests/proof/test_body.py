"""The body hash, against dkimpy's."""

import hashlib
import time

import pytest
from dkim.canonicalization import CanonicalizationPolicy
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.proof import body
from mailflow.proof.body import body_hash


def reference(content, form):
    canonical = CanonicalizationPolicy.from_c_value(f"relaxed/{form}".encode()).canonicalize_body(content)
    return hashlib.sha256(canonical).digest()


PIECES = st.lists(
    st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"  ", b"\r\n\r\n", b"bc\r\n", b"\xff", b" \r\n"]), max_size=40
)


@given(PIECES, st.sampled_from(["simple", "relaxed"]), st.integers(1, 7))
@settings(max_examples=300, deadline=None)
def test_the_hash_is_that_of_dkimpy_wherever_the_pieces_are_cut(pieces, form, size):
    """Streaming must not show: pieces of one octet and of seven give the same as the whole."""
    content = b"".join(pieces) + b"x\r\n"
    whole, body._PIECE_OCTETS = body._PIECE_OCTETS, size
    try:
        for end in (content, content + b"\r\n\r\n", b"", b"\r\n", b"\r\n\r\n"):
            assert body_hash(b"head" + end, 4, form) == reference(end, form)
    finally:
        body._PIECE_OCTETS = whole


@given(PIECES, st.sampled_from(["simple", "relaxed"]))
@settings(max_examples=100, deadline=None)
def test_a_lone_line_feed_is_a_line_end(pieces, form):
    """Mail out of a pipe has them, and dkimpy takes them so."""
    content = b"".join(pieces) + b"x\r\n"
    assert body_hash(content.replace(b"\r\n", b"\n"), 0, form) == body_hash(content, 0, form)


@given(st.lists(st.sampled_from([b"a", b" ", b"\r", b"\n", b"\t"]), max_size=30).map(b"".join), st.integers(1, 5))
@settings(max_examples=300, deadline=None)
def test_no_octets_make_the_pieces_show(content, size):
    """Lone CR and LF at every place: the same hash whether cut or not."""
    for form in ("simple", "relaxed"):
        whole = body_hash(content, 0, form)
        kept, body._PIECE_OCTETS = body._PIECE_OCTETS, size
        try:
            assert body_hash(content, 0, form) == whole
        finally:
            body._PIECE_OCTETS = kept


@pytest.mark.parametrize("octets", [b" ", b"\r\n", b"\r", b"\n", b"\t \r\n", b"a ", b"a  ", b" \r"])
def test_ten_megabytes_of_anything_are_hashed_in_no_time(octets):
    """No run of blanks, no million of empty lines costs more than its length (bound loose: shared machine)."""
    content = octets * (10_000_000 // len(octets))
    start = time.process_time()
    body_hash(content, 0, "relaxed")
    body_hash(content, 0, "simple")
    assert time.process_time() - start < 2
