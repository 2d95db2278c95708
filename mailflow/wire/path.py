"""The arguments of MAIL and RCPT: one linear grammar, `<local@domain>` and nothing else (trust.md §7)."""

from dataclasses import dataclass

from mailflow.mail.address import Address, AddressError, parse_address
from mailflow.mail.reply import Reply

BAD_SENDER = Reply(501, "5.1.7", "Bad sender address syntax")
BAD_RECIPIENT = Reply(501, "5.1.3", "Bad recipient address syntax")
BAD_PARAMETER = Reply(555, "5.5.4", "Parameter not recognized")
NOT_ASCII = Reply(553, "5.6.7", "Non-ASCII address without SMTPUTF8")


class WrongError(Exception):
    """A command that is not as RFC 5321 wants it; `reply` says so. Counts against the session."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class MailCommand:
    """`reverse_path` None is `<>`; `size_octets` as declared by SIZE (RFC 1870), 0 when it was not."""

    reverse_path: Address | None
    size_octets: int = 0
    smtputf8: bool = False


def parse_mail(argument: str) -> MailCommand:
    """`FROM:<path>` and SIZE, BODY, SMTPUTF8, each at most once.

    Raises WrongError. RFC 5321 §4.1.1.2, RFC 6531 §3.4.
    """
    path, parameters = _split(argument, "FROM:", BAD_SENDER)
    size, smtputf8, seen = 0, False, set[str]()
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        name = name.upper()
        if name in seen:
            raise WrongError(BAD_PARAMETER)
        seen.add(name)
        if name == "SIZE" and value.isascii() and value.isdecimal() and len(value) <= 20:
            size = int(value)
        elif name == "SMTPUTF8" and not equals:
            smtputf8 = True
        elif name != "BODY" or value.upper() not in {"7BIT", "8BITMIME"}:
            raise WrongError(BAD_PARAMETER)
    # The null path is the one path that is no address, and MAIL the one command that takes it.
    sender = _address(path, BAD_SENDER, smtputf8=smtputf8) if path else None
    return MailCommand(sender, size, smtputf8)


def parse_rcpt(argument: str, *, smtputf8: bool, home: str) -> Address:
    """`TO:<path>` without parameters; a bare `postmaster` is the one at `home` (RFC 5321 §4.5.1). Raises WrongError."""
    path, parameters = _split(argument, "TO:", BAD_RECIPIENT)
    if path.lower() == "postmaster":
        address = Address("postmaster", home)
    else:
        address = _address(path, BAD_RECIPIENT, smtputf8=smtputf8)
        # `a%b@c` and `b!a@c` once asked a host to relay. No address of ours has such a sign.
        if "%" in address.local or "!" in address.local:
            raise WrongError(BAD_RECIPIENT)
    if parameters:
        raise WrongError(BAD_PARAMETER)
    return address


def _split(argument: str, keyword: str, wrong: Reply) -> tuple[str, list[str]]:
    if argument[: len(keyword)].upper() != keyword:
        raise WrongError(wrong)
    path, blank, parameters = argument[len(keyword) :].partition(" ")
    if len(path) < 2 or path[0] != "<" or path[-1] != ">":
        raise WrongError(wrong)
    return path[1:-1], parameters.split(" ") if blank else []


def _address(path: str, wrong: Reply, *, smtputf8: bool) -> Address:
    if not smtputf8 and not path.isascii():
        raise WrongError(NOT_ASCII)
    try:
        return parse_address(path, smtputf8=smtputf8)
    except AddressError:
        raise WrongError(wrong) from None
