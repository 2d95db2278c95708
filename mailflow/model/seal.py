"""Everything that only we can make: references, Message-IDs, tokens, calendar UIDs, booking codes.

Each is built here and nowhere else. One secret key; every use has a purpose of its own, so that no value made for
one purpose is valid for another.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import lru_cache

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(CROCKFORD)}
_CODE = re.compile(r"\b([0-9A-HJKMNP-TV-Z])([0-9A-HJKMNP-TV-Z])[- ]?([0-9A-HJKMNP-TV-Z]{4})\b", re.IGNORECASE)
_FOUR = "([0-9A-HJKMNP-TV-Z]{4})"
_LONG_CODE = re.compile(rf"\b{_FOUR}-{_FOUR}-{_FOUR}-{_FOUR}\b", re.IGNORECASE)
# Two symbols, low one first, for each ten bits.
_PAIRS = tuple(low + high for high in CROCKFORD for low in CROCKFORD)
_REFERENCE_BITS = 40
_MAC_SYMBOLS = 26  # 128 bits and two to spare


def _double(value: int) -> int:
    """Times α in GF(32), modulus x⁵ + x² + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value


def check_symbol(body: str) -> str:
    """The check character of a booking code: H. M. Damm's scheme (2004) with the quasigroup x∗y = αx + y over GF(32).

    α has order 31, so position weights are all different and none is zero: every single wrong character and every
    swap of two different characters, adjacent or not, in up to 31 symbols changes the check.
    """
    interim = 0
    for symbol in body:
        interim = _double(interim ^ _VALUES[symbol])
    return CROCKFORD[interim]


def parse_code(text: str) -> str | None:
    """A booking code as people type it, in normal form `K7-QX4M`, or None when it is none (case, dash, blanks)."""
    symbols = text.upper().replace("-", "").replace(" ", "")
    if len(symbols) != 6 or any(symbol not in _VALUES for symbol in symbols) or check_symbol(symbols[:5]) != symbols[5]:
        return None
    return f"{symbols[:2]}-{symbols[2:]}"


def find_codes(text: str) -> tuple[str, ...]:
    """Valid booking codes in a text, at most 8, in order. Linear; the check character keeps ordinary words out."""
    found: dict[str, None] = {}
    for match in _CODE.finditer(text):
        code = parse_code("".join(match.groups()))
        # Six letters in a row, with no dash and no digit, are a word; one in 32 passes the check by accident.
        if code and ("-" in match[0] or any(c.isdigit() for c in match[0])):
            found[code] = None
            if len(found) == 8:
                break
    return tuple(found)


def find_challenge_codes(text: str) -> tuple[str, ...]:
    """The long codes that the YES button puts into the subject (trust.md §2.2), normal form, at most 4."""
    return tuple(dict.fromkeys("-".join(m.groups()).upper() for m in _LONG_CODE.finditer(text[:2000])))[:4]


@lru_cache(maxsize=16)
def _keyed(key: bytes) -> hmac.HMAC:
    """A hash that has the key in it already, to be copied.

    Not `hmac.digest`: that lets go of the interpreter's lock for each of these few octets, fifteen times a letter, and
    whoever runs meanwhile gives it back when he is done.
    """
    return hmac.new(key, digestmod="sha256")


@dataclass(frozen=True, slots=True)
class Seal:
    """Keyed hashes over named parts. `key` has at least 32 octets. All methods are pure."""

    key: bytes

    def mac(self, purpose: str, *parts: str) -> bytes:
        """HMAC-SHA256 over the purpose and the parts, joined so that no two lists of parts collide."""
        message = b"".join([len(p := part.encode()).to_bytes(4, "big") + p for part in (purpose, *parts)])
        keyed = _keyed(self.key).copy()
        keyed.update(message)
        return keyed.digest()

    def _symbols(self, count: int, purpose: str, *parts: str) -> str:
        number = int.from_bytes(self.mac(purpose, *parts), "big")
        return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(0, 5 * count, 10)])

    def reference(self, letter: int) -> str:
        """The reference of letter number `letter`: 8 symbols, unique below 2⁴⁰, not a visible counter."""
        # An odd factor permutes the residues modulo 2⁴⁰; this hides the count, it protects nothing.
        mixed = letter * 0x9E3779B97F4A7C15 % (1 << _REFERENCE_BITS)
        return "".join(CROCKFORD[(mixed >> shift) & 31] for shift in range(35, -1, -5))

    def message_id(self, kind: str, reference: str, domain: str) -> str:
        """`registered.7M2KQ9XD.k3v0…@domain`, without angle brackets (letters.md §3)."""
        return f"{kind}.{reference}.{self._symbols(_MAC_SYMBOLS, 'message-id', kind, reference).lower()}@{domain}"

    def read_message_id(self, message_id: str, domain: str) -> tuple[str, str] | None:
        """(kind, reference) when this Message-ID is one of ours and its signature holds, else None."""
        local, _, host = message_id.rpartition("@")
        kind, _, rest = local.partition(".")
        reference, _, _signature = rest.partition(".")
        reference = reference.upper()
        # Only ASCII is hashed: a lone surrogate of a broken header has no octets.
        if host.lower() != domain or len(reference) != 8 or len(kind) > 40 or not f"{kind}{reference}".isascii():
            return None
        expected = self.message_id(kind.lower(), reference, domain)
        same = hmac.compare_digest(expected.lower().encode(), message_id.lower().encode("utf-8", "replace"))
        return (kind.lower(), reference) if same else None

    def token(self, purpose: str, reference: str) -> str:
        """What stands behind `+r.` and `+b.`: reference and keyed hash, 34 lower-case symbols."""
        return (reference + self._symbols(_MAC_SYMBOLS, f"token-{purpose}", reference)).lower()

    def read_token(self, purpose: str, token: str) -> str | None:
        """The reference inside a token of that purpose, or None. Constant time; case is ignored."""
        reference = token[:8].upper()
        if len(reference) != 8 or not reference.isascii():
            return None
        expected = self.token(purpose, reference)
        same = hmac.compare_digest(expected.encode(), token.lower().encode("utf-8", "replace"))
        return reference if same else None

    def challenge_code(self, reference: str) -> str:
        """`XXXX-XXXX-XXXX-XXXX`: 80 bits of keyed hash, put into the subject by the YES button (trust.md §2.2)."""
        symbols = self._symbols(16, "challenge-code", reference)
        return "-".join(symbols[i : i + 4] for i in (0, 4, 8, 12))

    def uid(self, event: str, number: int, epoch: int, domain: str) -> str:
        """The calendar UID of a registration (calendar.md §4): it locates, it never authorises."""
        return f"{event}-{number}-{self._symbols(16, 'uid', event, str(number), str(epoch)).lower()}@{domain}"

    def read_uid(self, uid: str, event: str, domain: str) -> tuple[int, str] | None:
        """(number, hash part) when the UID has our shape; the caller compares with `uid()` of the stored epoch."""
        local, _, host = uid.casefold().rpartition("@")
        prefix, _, mac = local.rpartition("-")
        name, _, number = prefix.rpartition("-")
        if host != domain or name != event or not number.isascii() or not number.isdigit() or len(number) > 9:
            return None
        return int(number), mac

    def booking_code(self, event: str, number: int) -> str:
        """`K7-QX4M` for registration `number`: unique within the event (a keyed permutation), in no visible order."""
        # A Feistel network of unequal halves, 12 and 13 bits: each turn is its own inverse, so numbers never meet.
        left, right = (number >> 13) & 0xFFF, number & 0x1FFF
        for turn in range(0, 4, 2):
            left ^= self._mixed(event, turn, right) & 0xFFF
            right ^= self._mixed(event, turn + 1, left) & 0x1FFF
        value = left << 13 | right
        body = "".join(CROCKFORD[(value >> shift) & 31] for shift in (20, 15, 10, 5, 0))
        return parse_code(body + check_symbol(body)) or body

    def _mixed(self, event: str, turn: int, half: int) -> int:
        return int.from_bytes(self.mac("code", event, str(turn), str(half))[:2], "big")

    def pseudonym(self, text: str) -> str:
        """Six hex digits that stand for an address in the journal: the same person, the same word, no way back."""
        return self.mac("journal", text).hex()[:6]


def fingerprint(*parts: bytes) -> str:
    """SHA-256 over length-prefixed parts, in hex: the identity of a mail (DESIGN.md)."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def new_key(chance: bytes) -> str:
    """The text of a key file from 32 octets of chance."""
    return base64.b32encode(chance).decode().rstrip("=").lower() + "\n"
