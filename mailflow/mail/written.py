"""A letter of ours, read back: its text is what `compose` wrote first, and all that anybody needs again."""

from binascii import Error, a2b_base64, a2b_qp

HEAD_OCTETS = 64 * 1024
LINES = 1000
_PLAIN = b"\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: "
_BASE64_LINE = 78


def written_lines(octets: bytes) -> tuple[str, ...]:
    """The lines of the text part of a letter that `compose` made, without blank ones; at most 1000.

    Only the first 64 KiB are looked at; a text that goes on behind them ends there. () for what is no letter of ours.
    Two searches and one decoding: this happens in the thread that writes, where a whole `parse` would be felt.
    """
    before, found, part = octets[:HEAD_OCTETS].partition(_PLAIN)
    delimiter = before.rpartition(b"\r\n")[2]
    encoding, _, rest = part.partition(b"\r\n\r\n")
    if not found or not delimiter.startswith(b"--"):
        return ()
    body, ended, _ = rest.partition(b"\r\n" + delimiter)
    try:
        # Whole lines of a text that was cut off; what ends by itself is whole anyway.
        whole = body if ended else body[: len(body) // _BASE64_LINE * _BASE64_LINE]
        decoded = a2b_base64(whole) if encoding == b"base64" else a2b_qp(body)
    except Error:
        return ()
    lines = decoded.decode("utf-8", "replace").splitlines()
    return tuple(line for line in lines if line.strip())[:LINES]
