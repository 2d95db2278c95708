"""A real Postfix in front and behind: an instance of its own in a folder of its own, on 127.0.0.1."""

import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import dkim

from mailflow.proof.signer import public_record
from tests.whole.site import DOMAIN, EVENT, until

LINES = Path(__file__).parents[2] / "deploy" / "postfix"
COMMAND = "/usr/sbin/postfix"
GAN = f"{EVENT}@{DOMAIN}"

# Where strangers come from: outside mynetworks, in which mailflow is.
STRANGER = "127.0.0.3"

# What any main.cf says; the lines below deploy/postfix come behind it. Nothing in here asks DNS.
BASE = """\
compatibility_level = 3.6
queue_directory = {folder}/q
data_directory = {folder}/d
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.test.example
mydestination =
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
relayhost = [127.0.0.1]:{world}
"""

# As Debian has it, but for the chroot: the queue's folder has no libraries. The one of lmtp stays, because it decides
# where a Unix socket is found, and needs nothing else.
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup   unix n - n 60  1 pickup
cleanup  unix n - n -   0 cleanup
qmgr     unix n - n 300 1 qmgr
rewrite  unix - - n -   - trivial-rewrite
bounce   unix - - n -   0 bounce
defer    unix - - n -   0 bounce
trace    unix - - n -   0 bounce
verify   unix - - n -   1 verify
flush    unix n - n 1000? 0 flush
proxymap unix - - n -   - proxymap
smtp     unix - - n -   - smtp
relay    unix - - n -   - smtp
lmtp     unix - - y -   - lmtp
showq    unix n - n -   - showq
error    unix - - n -   - error
retry    unix - - n -   - error
discard  unix - - n -   - discard
anvil    unix - - n -   1 anvil
scache   unix - - n -   1 scache
postlog  unix-dgram n - n - 1 postlogd
{more}"""


@dataclass(slots=True)
class Front:
    """One Postfix. `lines` are put behind BASE; what it cannot deliver by them goes to the port `world`."""

    folder: Path
    port: int
    world: int

    @classmethod
    def new(cls, world):
        # Short, since Unix sockets lie in it, and open to the user postfix.
        folder = Path(tempfile.mkdtemp(prefix="pf"))
        folder.chmod(0o755)
        return cls(folder, free_port(), world)

    def write(self, lines, more=""):
        """These lines of main.cf, and more services in master.cf."""
        (self.folder / "c").mkdir()
        (self.folder / "d").mkdir()
        (self.folder / "q").mkdir()
        shutil.chown(self.folder / "d", "postfix")
        base = BASE.format(folder=self.folder, world=self.world)
        (self.folder / "c" / "main.cf").write_text(base + lines, encoding="utf-8")
        (self.folder / "c" / "master.cf").write_text(MASTER.format(port=self.port, more=more), encoding="utf-8")

    def start(self, lines, more=""):
        """Write them, and start; whatever Postfix says to that is too much."""
        self.write(lines, more)
        assert self.run("postfix", "start") == ""
        assert until(self.listens), self.log
        return self

    def stop(self):
        """End the master of this folder, by the pid that it wrote, and remove the folder."""
        with suppress(OSError, ValueError):
            pid = int((self.folder / "q" / "pid" / "master.pid").read_text())
            self.run("postfix", "stop")
            until(lambda: not Path(f"/proc/{pid}").exists(), 10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command, *words):
        """A Postfix command on this instance; what it wrote, on both streams."""
        path = "/usr/sbin:/usr/bin:/sbin:/bin"
        done = subprocess.run(
            [command, "-c", str(self.folder / "c"), *words],
            capture_output=True, text=True, timeout=30, check=False, env={"PATH": path},
        )  # fmt: skip
        assert done.returncode == 0, (command, words, done.stdout, done.stderr, self.log)
        return done.stdout + done.stderr

    def listens(self):
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def client(self):
        """A connection from outside."""
        name = "client.test.example"
        return smtplib.SMTP("127.0.0.1", self.port, name, timeout=20, source_address=(STRANGER, 0))

    def waiting(self):
        """How many mails are in its queue."""
        return self.run("postqueue", "-j").count('"queue_id"')

    @property
    def log(self):
        with suppress(OSError):
            return (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        return ""

    def wait_log(self, words, seconds=10.0):
        """Until the log has these words."""
        return until(lambda: words in self.log, seconds)

    def complaints(self):
        """Lines of its log that an operator would have to look into."""
        wanted = ("warning:", "error:", "fatal:", "panic:")
        return [line for line in self.log.splitlines() if any(word in line for word in wanted)]


def lines_of(name, **replace):
    """Lines of ours, with what stands for the site put in. Each text must be there, or the test tests nothing."""
    text = (LINES / name).read_text(encoding="utf-8")
    for old, new in replace.values():
        assert old in text, (name, old)
        text = text.replace(old, new)
    return text


def write(front, person, subject="register", to=(GAN,)):
    """From the world, by Postfix. Raises SMTPRecipientsRefused, which names the replies."""
    with front.client() as client:
        return client.sendmail(person.address, list(to), person.mail(subject))


def signed(site, letter):
    """Whether our signature holds, by dkimpy as it comes."""
    record = public_record((site.folder / "dkim.key").read_bytes()).encode()
    return dkim.verify(letter.content, dnsfunc=lambda *_, **__: record)


def absent():
    """Why there is no Postfix to try, or "" when there is."""
    if not Path(COMMAND).exists():
        return "Postfix is not installed (Debian: postfix)"
    return "" if os.geteuid() == 0 else "only root may start a Postfix"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
