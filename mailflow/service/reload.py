"""What a HUP cannot change while the service runs."""

from dataclasses import replace

from mailflow.config.schema import Config


def wants_restart(old: Config, new: Config) -> tuple[str, ...]:
    """Parts of the configuration that have changed, and that were taken at the start: doors, relay, database.

    Without a word about them somebody who sets `protocol = "lmtp"` and reloads believes that it holds.
    """
    # Retries are asked for anew with each letter; the rest of [outgoing] is in the hands of the courier.
    outgoing = replace(new.outgoing, retry=old.outgoing.retry, give_up=old.outgoing.give_up)
    # Certificates are read again with each HUP, from whatever files are named then.
    intake = replace(new.intake, tls_cert_file=old.intake.tls_cert_file, tls_key_file=old.intake.tls_key_file)
    changed = {
        "site.domain": old.site.domain != new.site.domain,
        "store": old.store != new.store,
        "intake": old.intake != intake,
        "outgoing": old.outgoing != outgoing,
        "health": old.health != new.health,
    }
    return tuple(part for part, other in changed.items() if other)
