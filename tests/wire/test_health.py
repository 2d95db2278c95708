"""The little HTTP server that is asked how things are."""

import asyncio
import contextlib
from datetime import timedelta

import pytest

from mailflow.wire.health import serve_health
from mailflow.wire.place import PlaceError

from .desk import Client


async def answer(path):
    if path == "/broken":
        raise RuntimeError("secret of the house")
    if path == "/slow":
        await asyncio.sleep(60)
    if path == "/healthz":
        return 200, "application/json", b'{"ok": true}'
    return 404, "text/plain", b"Not found\n"


@contextlib.asynccontextmanager
async def healthy(where="127.0.0.1:0"):
    listening = await serve_health(where, answer, patience=timedelta(seconds=0.3))
    try:
        yield listening
    finally:
        await listening.close()


async def ask(where, octets):
    client = await Client.to(where)
    client.send(octets)
    with contextlib.suppress(ConnectionError):
        head, _, body = (await asyncio.wait_for(client.reader.read(-1), 5)).partition(b"\r\n\r\n")
        await client.close()
        return head.split(b"\r\n")[0].decode(), head.decode().split("\r\n")[1:], body
    return "", [], b""


async def test_get_is_answered_and_the_connection_closed():
    """Status, type, length; the query is not part of the path."""
    async with healthy() as listening:
        status, fields, body = await ask(listening.where, b"GET /healthz?x=1 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (status, body) == ("HTTP/1.1 200 OK", b'{"ok": true}')
    assert {"Content-Type: application/json", "Content-Length: 12", "Connection: close"} <= set(fields)


@pytest.mark.parametrize(
    ("request_octets", "status"),
    [
        (b"GET /other HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"),
        (b"POST /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"),
        (b"GET http://x/healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"),
        (b"nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request"),
        (b"GET /broken HTTP/1.1\r\n\r\n", "HTTP/1.1 500 Internal Server Error"),
    ],
)
async def test_anything_else_is_refused_in_one_line(request_octets, status):
    """No reason reaches the peer."""
    async with healthy() as listening:
        heard, _, body = await ask(listening.where, request_octets)
    assert heard == status
    assert b"secret" not in body


async def test_a_large_request_is_refused():
    """Over 8 KB."""
    async with healthy() as listening:
        client = await Client.to(listening.where)
        client.send(b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n")
        assert (await client.reader.readline()) in {b"HTTP/1.1 431 Request Header Fields Too Large\r\n", b""}
        await client.close()


@pytest.mark.parametrize("request_octets", [b"", b"GET /healthz HTTP/1.1\r\n", b"GET /slow HTTP/1.1\r\n\r\n"])
async def test_nobody_stays_long(request_octets):
    """Who does not ask in time, or asks what takes too long, is let go."""
    async with healthy() as listening:
        assert (await ask(listening.where, request_octets))[2] == b""


async def test_a_unix_socket(tmp_path):
    """For monitoring on the same machine."""
    async with healthy(f"unix:{tmp_path}/health") as listening:
        assert (await ask(listening.where, b"GET /healthz HTTP/1.1\r\n\r\n"))[0] == "HTTP/1.1 200 OK"


@pytest.mark.parametrize("where", ["0.0.0.0:0", "192.0.2.1:80", ":80", "[::]:80", "example.org:80", "80"])
async def test_only_this_machine_may_ask(where):
    """Loopback or a Unix socket."""
    with pytest.raises(PlaceError):
        await serve_health(where, answer)
