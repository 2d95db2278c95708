"""The end of data, wherever packets are cut, and what is never held."""

import itertools
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.wire.data import Collector, fault_of, unstuffed
from mailflow.wire.door import DoorLimits
from mailflow.wire.gate import Memory

ROOM = 1_000_000_000


def collect(packets, limit=1000, room=ROOM):
    collector = Collector(limit, Memory(room))
    for number, packet in enumerate(packets):
        rest = collector.feed(packet)
        if rest is not None:
            return collector, rest + b"".join(packets[number + 1 :])
    return collector, None


WHOLE = b"Subject: x\r\n\r\n..\r\n.a\r\n\r\n.\r\nNOOP\r\n"
REAL = WHOLE.index(b"\r\n.\r\nNOOP") + 5


@pytest.mark.parametrize("cut", range(len(WHOLE)))
def test_the_end_is_found_wherever_the_packets_are_cut(cut):
    """Cut in two at each octet."""
    collector, rest = collect([WHOLE[:cut], WHOLE[cut:]])
    assert (collector.content(), rest) == (WHOLE[: REAL - 3], b"NOOP\r\n")


def test_the_end_is_found_octet_by_octet():
    """No two octets in one packet, and after the end nothing is taken."""
    collector, rest = collect([bytes([octet]) for octet in WHOLE])
    assert (collector.content(), rest) == (WHOLE[: REAL - 3], b"NOOP\r\n")


FALSE = [
    b"\n.\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\n.\r\n", b"\r.\r\n", b"\r\n.\x00\r\n", b"\r\n\x00.\r\n", b"\x00\r\n.\r\x00\n", b"\n\n.\n\n",
    b"\r\n.\r\r\n", b"\r\n..\r\n", b"\r\n. \r\n", b"\r\n .\r\n", b"\r\n.\t\r\n", b"\n.\r", b"\r.\n", b"\r\r\n.\n", b"\r\n.\n\r", b"\n\r.\n\r",
    b"\r\n.\x0b\r\n", b"\r\n.\x0c\r\n", b"\x0b.\x0b", b"\x0c.\x0c", b"\x85.\x85", b"\xe2\x80\xa8.\xe2\x80\xa8", b"\x1e.\x1e", b"\r\n\xef\xbb\xbf.\r\n",
    b"\r\x00\n.\r\n", b"\r\n.\xff\r\n", b"\r\n.=0D=0A", b"\n.\n\n", b"\r\n.\r.\r\n", b"\r\n.\n.\r\n", b"\r\n\r.\r\n", b"\r\n\n.\n\r\n", b"\r.\r.\r",
    b"\n.\n.\n", b".\n", b".\r",
]  # fmt: skip


@pytest.mark.parametrize("false", FALSE, ids=ascii)
def test_a_false_end_ends_nothing(false):
    """Only CRLF.CRLF does; what looks like it to others stays inside the message."""
    inside = b"one" + false + b"MAIL FROM:<evil@example.org>\r\n"
    collector, rest = collect([inside + b".\r\nNOOP\r\n"])
    assert (collector.content(), rest) == (inside, b"NOOP\r\n")


def test_a_dot_on_the_first_line_is_an_empty_message():
    """The CRLF before it is the one of DATA."""
    collector, rest = collect([b".\r\n"])
    assert (collector.content(), rest) == (b"", b"")


@settings(max_examples=150)
@given(st.lists(st.sampled_from([b"", b".", b"..", b"a", b".b", b"\r", b"c."]), max_size=12), st.lists(st.integers(0, 80), max_size=6))
def test_what_is_stuffed_comes_out_as_it_was(lines, cuts):
    """Stuffing (RFC 5321 §4.5.2), any cut, collecting and unstuffing give the message back."""
    message = b"".join(line + b"\r\n" for line in lines)
    wire = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"
    places = sorted({0, len(wire), *(min(cut, len(wire)) for cut in cuts)})
    collector, rest = collect([wire[a:b] for a, b in itertools.pairwise(places)])
    assert (unstuffed(collector.content()), rest) == (message, b"")


def test_twenty_megabytes_without_a_line_end_are_counted_and_not_held():
    """Beyond the limit only the count grows, and the memory of all sessions is given back."""
    memory = Memory(ROOM)
    collector = Collector(100_000, memory)
    packet = b"x" * 65_536
    tracemalloc.start()
    for _ in range(320):
        assert collector.feed(packet) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert collector.seen == 320 * 65_536
    assert collector.flooded
    assert collector.fault.code == 552
    assert (peak < 500_000, memory.used) == (True, 0)


def test_small_packets_cost_no_more_memory_than_large_ones():
    """An octet a packet is held as one octet."""
    collector = Collector(200_000, Memory(ROOM))
    tracemalloc.start()
    for _ in range(20_000):
        collector.feed(b"x")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


def test_no_room_left_is_temporary():
    """What all sessions hold together is bounded; the mail is asked for again later."""
    collector, rest = collect([b"x" * 100, b"x" * 100 + b"\r\n.\r\n"], room=150)
    assert (str(collector.fault)[:9], rest) == ("452 4.3.1", b"")


def test_ten_megabytes_of_empty_lines_are_quickly_judged():
    """Linear passes at the speed of memory, whatever the lines are."""
    for line in (b"\r\n", b".\r\n", b"a.\r\n", b"..\r\n", b"\r", b"\n"):
        packet = line * (65_536 // len(line))
        collector = Collector(10_485_760, Memory(ROOM))
        begun = time.process_time()
        for _ in range(159):
            if collector.feed(packet) is not None:
                break
        fault_of(unstuffed(collector.content()), DoorLimits(), relay=False)
        assert time.process_time() - begun < 1.0, line


@settings(max_examples=150)
@given(st.lists(st.integers(0, 12), max_size=8))
def test_a_line_over_the_limit_is_found_wherever_it_is(lengths):
    """The leaps over line ends agree with counting each line."""
    content = b"".join(b"x" * length + b"\r\n" for length in lengths)
    fault = fault_of(content, DoorLimits(line_octets=8), relay=True)
    assert (fault is not None) == any(length + 2 > 8 for length in lengths)
