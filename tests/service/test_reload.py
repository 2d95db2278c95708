"""What a reload cannot change is named."""

from dataclasses import replace

from mailflow.service.reload import wants_restart


async def test_doors_and_relay_want_a_restart_and_retries_do_not(site):
    """The protocol holds from the next start; how often a letter is tried, from the next try."""
    config = site.config
    assert wants_restart(config, config) == ()
    lmtp = replace(config, intake=replace(config.intake, protocol="lmtp"))
    assert wants_restart(config, lmtp) == ("intake",)
    name = replace(config, outgoing=replace(config.outgoing, username="desk"))
    assert wants_restart(config, name) == ("outgoing",)
    retry = replace(config, outgoing=replace(config.outgoing, give_up=config.outgoing.give_up * 2))
    assert wants_restart(config, retry) == ()
