"""How many mails a second come in: mailflow's door beside aiosmtpd with a bare handler, both answering 250 at once.

    python benchmarks/door.py [mails]

One client, a 3 KB mail, commands one by one; on one kept connection, and on a new connection for each mail. The
server's CPU time tells more than the rate on a machine that does other things as well.
"""

# ruff: noqa: PLC0415  # each process imports what it measures, and no more
# ruff: noqa: ARG002  # the stand-ins have the signatures of what they stand for

import asyncio
import multiprocessing
import socket
import sys
import time
import warnings
from ipaddress import ip_network

CONTENT = b"Subject: register\r\nFrom: Ada <ada@example.org>\r\n\r\n" + b"Please register me, and thanks.\r\n" * 90


class Ours:
    def welcome(self, path):
        return None

    def ready(self):
        return None

    async def receive(self, envelope, content):
        from mailflow.mail.reply import ACCEPTED

        return (ACCEPTED,) * len(envelope.forward_paths)


class Bare:
    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd calls it so
        return "250 2.0.0 Accepted"


async def mailflow_port():
    from mailflow.wire.door import DoorLimits
    from mailflow.wire.smtp import listen

    limits = DoorLimits(messages=10**9, max_connections=10**6)
    loopback = (ip_network("127.0.0.0/8"),)
    listening = await listen("127.0.0.1:0", Ours(), limits, protocol="smtp", hostname="x", allow=loopback)
    return int(listening.where.rpartition(":")[2])


async def aiosmtpd_port():
    from aiosmtpd.smtp import SMTP

    loop, handler = asyncio.get_running_loop(), Bare()
    server = await loop.create_server(
        lambda: SMTP(handler, loop=loop, hostname="x", enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    return server.sockets[0].getsockname()[1]


def serve(port, pipe):
    warnings.simplefilter("ignore")

    async def main():
        pipe.send(await port())
        while await asyncio.to_thread(pipe.recv) == "cpu":
            pipe.send(time.process_time())

    asyncio.run(main())


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self.reply()
        self.say(b"EHLO x\r\n")

    def reply(self):
        while True:
            while b"\r\n" not in self.rest:
                self.rest += self.socket.recv(4096)
            line, _, self.rest = self.rest.partition(b"\r\n")
            if line[3:4] != b"-":
                return line

    def say(self, octets):
        self.socket.sendall(octets)
        return self.reply()

    def mail(self):
        self.say(b"MAIL FROM:<ada@example.org>\r\n")
        self.say(b"RCPT TO:<gan@events.example.org>\r\n")
        self.say(b"DATA\r\n")
        assert self.say(CONTENT + b".\r\n").startswith(b"250")

    def quit(self):
        self.say(b"QUIT\r\n")
        self.socket.close()


def measure(name, port, mails, kept):
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(port, theirs))
    process.start()
    number = ours.recv()
    client = Client(number)
    for _ in range(50):
        client.mail()

    def cpu():
        ours.send("cpu")
        return ours.recv()

    used, begun = cpu(), time.perf_counter()
    for _ in range(mails):
        if kept:
            client.mail()
        else:
            fresh = Client(number)
            fresh.mail()
            fresh.quit()
    seconds, used = time.perf_counter() - begun, cpu() - used
    ours.send("end")
    client.socket.close()
    process.join()
    how = "kept" if kept else "fresh"
    print(f"{name:9} {how:6} {mails / seconds:6.0f} mails/s   {1000 * used / mails:.3f} ms CPU a mail")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    multiprocessing.set_start_method("fork")
    for kept in (True, False):
        measure("aiosmtpd", aiosmtpd_port, count, kept)
        measure("mailflow", mailflow_port, count, kept)
