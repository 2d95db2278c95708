"""The line that a proxy puts before a connection to say whose it is: the PROXY protocol of HAProxy, 1 and 2."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_WORD = b"PROXY "
# "PROXY UNKNOWN" with two IPv6 addresses and two ports, the longest there is (§2.1), with its CRLF.
_LINE_OCTETS = 107
# Behind the addresses of version 2 may come what the proxy knows of TLS: some hundred octets. We read none of it.
_BLOCK_OCTETS = 2048
_FIXED_OCTETS = 16
# Of version 2: the octet of family and transport, and how many octets the two addresses and ports take (§2.2).
_UNSPECIFIED, _TCP4, _TCP6, _UNIX = 0x00, 0x11, 0x21, 0x31
_ADDRESSES_OCTETS = {_TCP4: 12, _TCP6: 36, _UNIX: 216}


class ProxyError(Exception):
    """What came first is no header of the PROXY protocol, or a wrong or too long one."""


@dataclass(frozen=True, slots=True)
class Announced:
    """`host` is the IP address of who connected to the proxy; "" when it speaks for itself or does not know.

    `octets` is the length of the header; what comes after it is the session's.
    """

    host: str
    octets: int


def parse_proxy(octets: bytes) -> Announced | None:
    """The header that `octets` begin with; None while it may still become one. Raises ProxyError.

    At most 2064 octets are ever waited for. An IPv4 address inside IPv6 is the IPv4 address.
    """
    if octets.startswith(_SIGNATURE[: len(octets)]):
        return _second(octets)
    if octets.startswith(_WORD[: len(octets)]):
        return _first(octets)
    raise ProxyError("no header")


def _first(octets: bytes) -> Announced | None:
    """Version 1, a line of words: `PROXY TCP4 192.0.2.7 198.51.100.1 40000 25` (§2.1)."""
    end = octets.find(b"\r\n", 0, _LINE_OCTETS)
    if end < 0:
        if len(octets) >= _LINE_OCTETS:
            raise ProxyError("a line without an end")
        return None
    length = end + 2
    try:
        line = octets[:end].decode("ascii")
        _, family, *rest = line.split(" ")
        if family == "UNKNOWN":
            return Announced("", length)
        if "%" in line:
            raise ProxyError("an address with a zone")
        source, destination, *ports = rest
        host = _written(_address(family, source))
        _address(family, destination)
    except ValueError:
        raise ProxyError("a wrong line") from None
    if len(ports) != 2 or not all(map(_is_port, ports)):
        raise ProxyError("a wrong port")
    return Announced(host, length)


def _address(family: str, text: str) -> IPv4Address | IPv6Address:
    if family == "TCP4":
        return IPv4Address(text)
    if family == "TCP6":
        return IPv6Address(text)
    raise ValueError(family)


def _is_port(text: str) -> bool:
    return text.isdecimal() and len(text) <= 5 and int(text) <= 65_535


def _second(octets: bytes) -> Announced | None:
    """Version 2, in octets (§2.2)."""
    if len(octets) < _FIXED_OCTETS:
        return None
    version, command = octets[12] >> 4, octets[12] & 0x0F
    size = int.from_bytes(octets[14:16])
    if version != 2 or command > 1 or size > _BLOCK_OCTETS:
        raise ProxyError("a wrong version or command, or too long a block")
    length = _FIXED_OCTETS + size
    if len(octets) < length:
        return None
    family = octets[13]
    # LOCAL: a look whether we live. Its addresses are to be ignored, whatever they are.
    if command == 0 or family == _UNSPECIFIED:
        return Announced("", length)
    # A datagram does not carry a session.
    if size < _ADDRESSES_OCTETS.get(family, _BLOCK_OCTETS + 1):
        raise ProxyError("a wrong family, or too short a block")
    block = octets[_FIXED_OCTETS:]
    if family == _TCP4:
        return Announced(_written(IPv4Address(block[:4])), length)
    if family == _TCP6:
        return Announced(_written(IPv6Address(block[:16])), length)
    return Announced("", length)


def _written(address: IPv4Address | IPv6Address) -> str:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
