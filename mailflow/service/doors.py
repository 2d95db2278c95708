"""The ways in that the configuration names, opened."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from mailflow.service.house import House
from mailflow.service.receive import Reception
from mailflow.wire.door import DoorLimits
from mailflow.wire.gate import Gate
from mailflow.wire.smtp import Listening, listen, server_tls


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
    tls = None
    if config.tls_cert_file is not None and config.tls_key_file is not None:
        tls = server_tls(str(config.tls_cert_file), str(config.tls_key_file))
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
            )
        doors.append(door)
    return doors


@contextmanager
def named(key: str, place: object) -> Iterator[None]:
    """An OSError in here says which key names the place that could not be had: there are two kinds of doors."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        raise OSError(number, os.strerror(number) if number > 0 else str(error), f"{key}: {place}") from error
