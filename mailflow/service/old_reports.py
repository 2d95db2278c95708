"""Reports in words for people, by flufl.bounce: twenty old mail systems that nobody should have to learn again.

It reads strangers' mail with code that was not written for that, so it is last in line, sees the first 64 KiB, has two
seconds of CPU, and whatever it raises is nothing found. It runs where mails are studied: in the worker process.
"""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from types import FrameType
from typing import NoReturn

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.report import FAILED_MOST, Outcome, Report, Reported

OCTETS = 64 * 1024
CPU_SECONDS = 2.0


def heard_of_old(report: Report, content: bytes) -> Report:
    """`report` with what flufl.bounce makes of the mail; as it is where its own groups say enough. Never raises.

    It adds whether anything was given up, and whom our own reader found nobody for.
    """
    if report.formal or report.complaint:
        return report
    later, failed = _scanned(content)
    if not later and not failed:
        return report
    outcome: Outcome = "failed" if failed else "delayed"
    named = report.recipients or tuple(Reported(each, outcome, report.refusal) for each in failed or later)
    # Our words and its patterns have to agree before anything counts as failed.
    return replace(report, recipients=tuple(replace(one, outcome="delayed") for one in named) if not failed else named)


def _scanned(content: bytes) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Addresses for which it is still being tried, and those that were given up; () and () for nothing."""
    try:
        from flufl.bounce import all_failures  # noqa: PLC0415  only old reports need it

        # It logs each step, and what it raises with the mail's words in it.
        logging.getLogger("flufl.bounce").disabled = True
        with _briefly():
            later, failed = all_failures(message_from_bytes(content[:OCTETS], policy=policy.compat32))
            return _addresses(later), _addresses(failed)
    except Exception:  # noqa: BLE001  a stranger's mail in somebody else's parser
        return (), ()


def _addresses(found: object) -> tuple[Address, ...]:
    addresses: dict[str, Address] = {}
    for one in sorted(each for each in found if isinstance(each, bytes)) if isinstance(found, frozenset) else ():
        try:
            address = parse_address(one.decode("ascii", "replace"))
        except AddressError:
            continue
        addresses.setdefault(address.key, address)
        if len(addresses) == FAILED_MOST:
            break
    return tuple(addresses.values())


@contextmanager
def _briefly() -> Iterator[None]:
    """At most two seconds of CPU for the body, then TimeoutError.

    Signals reach the main thread alone, which is where the worker works. Elsewhere (`simulate`, tests) somebody waits
    for the one mail that they chose, and the body is left to its end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _too_long(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TimeoutError("2 seconds of CPU for one report")
