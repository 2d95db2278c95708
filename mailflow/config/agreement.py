"""Values that are right alone and wrong together."""

from mailflow.config.places import Relay, Tcp, Unix
from mailflow.config.schema import Config, Intake, Outgoing, Site
from mailflow.config.section import Report
from mailflow.resources import shipped


def disagreements(config: Config, report: Report) -> None:
    """Note every rule across keys that `config` breaks."""
    _site(config.site, report)
    _intake(config.intake, report)
    _outgoing(config.outgoing, report)
    _trust(config, report)
    _later(config, report)
    health = config.health.listen
    if isinstance(health, Tcp) and not _loopback(health.host):
        # It counts seats and has no login.
        report.fault("health.listen", "a loopback address or unix:PATH", 'listen = "127.0.0.1:8080"', f"found {health}")


def _site(site: Site, report: Report) -> None:
    known = sorted(folder.name for folder in shipped("templates").glob("[a-z]*") if folder.is_dir())
    for language in site.languages:
        if language not in known and not (site.templates / language).is_dir():
            report.fault("site.languages", "languages that have a folder of templates", 'languages = ["en"]',
                         f"{language} has none; with mailflow come: {', '.join(known)}")  # fmt: skip
    # What comes back to us from postmaster@ is ours and kept in silence: nobody would ever read it.
    mailbox, _, _ = site.contact.local.lower().partition("+")
    taken = mailbox in ("postmaster", "abuse") or (site.events / f"{mailbox}.toml").is_file()
    if site.contact.domain == site.domain and taken:
        report.fault("site.contact", "a person's address", 'contact = "desk@example.org"',
                     "we would be writing to ourselves")  # fmt: skip


def _intake(intake: Intake, report: Report) -> None:
    if (intake.tls_cert_file is None) != (intake.tls_key_file is None):
        missing = "tls_cert_file" if intake.tls_cert_file is None else "tls_key_file"
        report.fault(f"intake.{missing}", "tls_cert_file and tls_key_file, or neither", f'{missing} = "tls.pem"',
                     "only the other one is set")  # fmt: skip
    if intake.proxy_protocol and not intake.allow:
        report.fault("intake.proxy_protocol", "false, or the proxies in `allow`", 'allow = ["10.0.0.5"]',
                     "while `allow` is empty, anybody could claim any address")  # fmt: skip
    if intake.protocol == "lmtp" and not intake.allow and not all(isinstance(one, Unix) for one in intake.listen):
        # Whoever speaks LMTP is taken for a server of ours: his checks are believed, and nothing of his is refused.
        report.fault("intake.allow", "the servers that hand mail over by LMTP", 'allow = ["127.0.0.0/8"]')
    if intake.max_connections_per_address > intake.max_connections:
        report.fault("intake.max_connections_per_address", f"at most max_connections ({intake.max_connections})")


def _outgoing(outgoing: Outgoing, report: Report) -> None:
    relay = outgoing.relay
    if bool(outgoing.username) != (outgoing.password_file is not None):
        missing = "password_file" if outgoing.username else "username"
        report.fault(f"outgoing.{missing}", "username and password_file, or neither", f'{missing} = "…"',
                     "only the other one is set")  # fmt: skip
    elif outgoing.username and isinstance(relay, Relay) and relay.scheme == "smtp" and not _loopback(relay.host):
        report.fault("outgoing.relay", "smtp+tls:// or smtps:// where there is a password",
                     f'relay = "smtp+tls://{relay.host}:587"',
                     "smtp:// would send it in the clear when TLS is not offered")  # fmt: skip


def _trust(config: Config, report: Report) -> None:
    intake = config.intake
    seen = intake.protocol == "smtp" and (not intake.allow or intake.proxy_protocol)
    if config.trust.spf and not seen:
        # Never asked about a relay of ours, it would be a promise that nobody keeps.
        report.fault("trust.spf", "false, unless the senders' own servers connect to us", "spf = false",
                     "behind a relay (`allow`, LMTP) it would judge the relay; see authserv_ids")  # fmt: skip


def _later(config: Config, report: Report) -> None:
    """What the file has words for and this version does not do yet: a fault, for silence would be a broken promise."""
    asked = (("letters.schema_org", config.letters.schema_org, "schema_org = false"),)
    for key, wanted, example in asked:
        if wanted:
            report.fault(key, "to be left out", example, "comes with a later version")


def _loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
