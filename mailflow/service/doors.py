"""The ways in that the configuration names, opened."""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from mailflow.config.schema import Intake
from mailflow.service.house import House
from mailflow.service.receive import Reception
from mailflow.wire.door import DoorLimits
from mailflow.wire.gate import Gate
from mailflow.wire.smtp import Listening, listen, server_tls


class CertificateError(OSError):
    """The certificate cannot be used; says the key and the file."""


async def open_doors(house: House, reception: Reception) -> list[Listening]:
    """One for each place of `intake.listen`, with one gate for all. Raises OSError when an address is in use."""
    config = house.config.intake
    limits = DoorLimits(
        max_size_octets=config.max_size_octets,
        max_connections=config.max_connections,
        max_connections_per_address=config.max_connections_per_address,
        idle=config.idle_timeout,
    )
    gate = Gate(limits, config.allow)
    tls = certified(config)
    doors = []
    for place in config.listen:
        with named("intake.listen", place):
            door = await listen(
                str(place),
                reception,
                limits,
                protocol=config.protocol,
                hostname=config.hostname or socket.gethostname(),
                allow=config.allow,
                domain=house.domain,
                gate=gate,
                tls=tls,
                proxy_protocol=config.proxy_protocol,
            )
        doors.append(door)
    return doors


def certified(intake: Intake) -> ssl.SSLContext | None:
    """What STARTTLS shows, read from its files now; None where it is not offered. Raises CertificateError."""
    if intake.tls_cert_file is None or intake.tls_key_file is None:
        return None
    try:
        return server_tls(str(intake.tls_cert_file), str(intake.tls_key_file))
    except ssl.SSLError as error:
        # Its number is OpenSSL's, which means something else to everybody who reads OSErrors.
        what = f"not a certificate in PEM with the key of intake.tls_key_file ({error.reason or 'unreadable'})"
        raise CertificateError(0, what, f"intake.tls_cert_file: {intake.tls_cert_file}") from error


@contextmanager
def named(key: str, place: object) -> Iterator[None]:
    """An OSError in here says which key names the place that could not be had: there are two kinds of doors."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        raise OSError(number, os.strerror(number) if number > 0 else str(error), f"{key}: {place}") from error
