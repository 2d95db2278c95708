"""The way out that the configuration names."""

import asyncio
from typing import assert_never

from mailflow.config.places import Capture as Folder
from mailflow.config.places import Relay as Server
from mailflow.config.schema import Config
from mailflow.config.secrets import read_password
from mailflow.wire.capture import Capture
from mailflow.wire.courier import Courier


def build_courier(config: Config) -> Courier:
    """Raises OSError when the password file cannot be read. A capturing courier loads no network code."""
    outgoing = config.outgoing
    match outgoing.relay:
        case Folder(folder=folder):
            return Capture(folder, sleep=asyncio.sleep)
        case Server(scheme=scheme, host=host, port=port):
            from mailflow.wire.relay import Relay, RelayAddress  # noqa: PLC0415  network code

            password = read_password(outgoing.password_file) if outgoing.password_file is not None else ""
            address = RelayAddress(host, port, scheme, outgoing.username, password)
            return Relay(address, per_connection=outgoing.per_connection)
        case _:
            assert_never(outgoing.relay)
