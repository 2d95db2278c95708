"""The way out that the configuration names."""

from mailflow.config.schema import Config
from mailflow.config.secrets import read_password
from mailflow.wire.courier import Courier
from mailflow.wire.outgoing import courier_for


def build_courier(config: Config) -> Courier:
    """Raises OSError when the password file cannot be read."""
    outgoing = config.outgoing
    password = ""
    if outgoing.password_file is not None:
        password = read_password(outgoing.password_file)
    return courier_for(
        str(outgoing.relay),
        username=outgoing.username,
        password=password,
        per_connection=outgoing.per_connection,
    )
