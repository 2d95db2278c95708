"""Lists as .xlsx, where the extra [xlsx] is installed. What people wrote is text in it, never a formula or a link."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST = 40
_NARROWEST = 6
# Excel's longest cell and longest name of a sheet, and what a name may not hold.
_CELL, _NAME, _FORBIDDEN = 32_767, 31, "[]:*?/\\"
# When the file was made is said by the letter that brings it; here it would make the same list another file.
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  the format knows no zones


def _sheet_name(title: str) -> str:
    return "".join(sign for sign in title if sign not in _FORBIDDEN)[:_NAME].strip("' ") or "1"


def _harmless(text: str) -> str:
    """Without the control characters that XML cannot hold; no longer than a cell can be."""
    kept = (sign if sign in "\n\t" or (sign >= " " and not "\ud800" <= sign <= "\udfff") else " " for sign in text)
    return "".join(kept)[:_CELL]


def xlsx_octets(title: str, rows: Iterable[Sequence[str]]) -> bytes | None:
    """The rows, of which the first is the head, on one sheet; None without the extra.

    The same rows give the same octets. Every cell is a string: a name that begins with = is a name.
    """
    try:
        import xlsxwriter  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415  an extra
    except ImportError:
        return None
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"created": _EPOCH})
    sheet = book.add_worksheet(_sheet_name(title))
    head, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    widths: list[int] = []
    last = 0
    for number, row in enumerate(rows):
        last = number
        for column, cell in enumerate(row):
            sheet.write_string(number, column, _harmless(cell), text if number else head)
            widths += [_NARROWEST] * (column + 1 - len(widths))
            widths[column] = max(widths[column], min(_WIDEST, len(cell) + 2))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    if widths:
        sheet.autofilter(0, 0, last, len(widths) - 1)
    book.close()
    return file.getvalue()
