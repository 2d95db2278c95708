"""The door list as .pdf, where the extra [pdf] is installed; it brings its own fonts, so every name prints."""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass

from mailflow.resources import shipped


def pdf_octets(values: Mapping[str, object]) -> bytes | None:
    """`_shared/door_list.typ` with those values; None without the extra. The same values give the same octets.

    They go in as JSON, so that nothing that people wrote is ever markup.
    """
    try:
        import typst  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415  an extra
    except ImportError:
        return None
    source = (shipped("templates") / "_shared" / "door_list.typ").read_bytes()
    pages: bytes = typst.compile(source, format="pdf", sys_inputs={"list": json.dumps(values, default=_plain)})
    return pages


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"nothing to print: {type(value)}")
