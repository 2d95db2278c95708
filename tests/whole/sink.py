"""A mail server that keeps what it gets, and misbehaves as it is told. Each connection has a thread of its own."""

import contextlib
import email
import email.policy
import socketserver
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter that came in whole. `answered`: whether the other side was told 250."""

    to: str
    content: bytes
    answered: bool

    @property
    def message(self):
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def id(self):
        return self.message["Message-ID"].strip()

    @property
    def kind(self):
        return self.message["X-Mailflow"].partition("letter=")[2].partition(";")[0].strip()

    @property
    def text(self):
        return self.message.get_body(("plain",)).get_content()


class Sink:
    """Listens on 127.0.0.1. `behave[recipient]` is a list of what to do, one word a letter, then all is well again.

    A word is a reply ("451 4.3.0 later" and "550 5.1.1 nobody" come at RCPT, "554 …" behind the dot), "slow" (half a
    second behind the dot), "cut" (hangs up in the middle of the data), "mute" (takes all and never says so).
    """

    def __init__(self):
        self.letters = []
        self.behave = {}
        self.tries = []
        self.changed = threading.Condition()
        self.over = threading.Event()
        self._server = None
        self.port = _free_port()

    def open(self):
        """Take letters from now on; before that, and after `close`, connections are refused."""
        self._server = _Server(("127.0.0.1", self.port), _Session)
        self._server.sink = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def close(self):
        self.over.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def to(self, recipient):
        """The letters for one person, in order."""
        return [letter for letter in self.letters if letter.to == recipient]

    def wait(self, wanted, seconds=10.0):
        """Until `wanted(self)`; False when that takes too long."""
        with self.changed:
            return self.changed.wait_for(lambda: wanted(self), seconds)

    def keep(self, to, lines, *, answered):
        with self.changed:
            self.letters.append(Letter(to, b"".join(lines), answered))
            self.changed.notify_all()

    def next_word(self, to):
        with self.changed:
            words = self.behave.get(to, [])
            word = words.pop(0) if words else ""
            self.tries.append((to, word))
            self.changed.notify_all()
        return word


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            self._talk()

    def _talk(self):
        to, word = "", ""
        self._say("220 sink ESMTP")
        while line := self.rfile.readline(4096):
            verb = line[:4].upper()
            if verb == b"EHLO":
                self._say("250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 20000000")
            elif verb == b"RCPT":
                to = line.decode().partition("<")[2].partition(">")[0]
                word = self.server.sink.next_word(to)
                refused = word[:1] in ("4", "5") and not word.startswith("554")
                self._say(word if refused else "250 2.1.5 ok")
            elif verb == b"DATA":
                self._say("354 go on")
                if not self._data(to, word):
                    return
            elif verb == b"QUIT":
                self._say("221 2.0.0 bye")
                return
            else:
                self._say("250 2.0.0 ok")

    def _data(self, to, word):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line or (word == "cut" and len(lines) == 10):
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        if word.startswith("554"):
            self._say(word)
            return True
        if word == "slow":
            time.sleep(0.5)
        # Kept before it is said: whoever waits for the letter may end the service before it hears of it.
        self.server.sink.keep(to, lines, answered=word != "mute")
        if word == "mute":
            self.server.sink.over.wait(60)
            return False
        self._say("250 2.0.0 taken")
        return True

    def _say(self, reply):
        self.wfile.write(f"{reply}\r\n".encode())


def _free_port():
    """A port that nobody listens at now; connections to it are refused until the sink opens."""
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as probe:
        return probe.server_address[1]
