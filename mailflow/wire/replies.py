"""What a relay said, in our shape."""

import re

from mailflow.mail.reply import Reply

# At the start of the text only; each number has an end of its own, so there is nothing to go back over.
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\S)\s*", re.ASCII)
_TEXT_LIMIT = 200


def reply_from(code: int, message: str) -> Reply:
    """A relay's words in our shape: enhanced status from the text (RFC 2034) or derived, one bounded line."""
    if not 200 <= code <= 599:
        return Reply(421, "4.5.0", "The relay's answer makes no sense")
    text = message[: 4 * _TEXT_LIMIT]
    match = _STATUS.match(text)
    status = f"{code // 100}.0.0"
    if match:
        text = text[match.end() :]
        if match[1] == str(code)[0]:
            status = f"{match[1]}.{match[2]}.{match[3]}"
    line = "".join(character if character.isprintable() else " " for character in text)
    return Reply(code, status, line[:_TEXT_LIMIT].strip())


def refusal_from(code: int, message: str) -> Reply:
    """An answer that is not the wanted one is a refusal, whatever its code says."""
    reply = reply_from(code, message)
    return Reply(421, "4.5.0", reply.text) if reply.ok else reply


def out_of_service(code: int, message: str) -> Reply:
    """The greeting or EHLO went wrong. That is no word about this letter, so it is never permanent."""
    reply = reply_from(code, message)
    text = f"Relay is not in service: {code} {reply.text}"
    return reply if reply.temporary else Reply(421, "4.3.2", text[:_TEXT_LIMIT])
