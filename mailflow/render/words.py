"""Words of one language: what `language.toml` holds, and how dates, plurals and sorting follow from it.

No sentence is glued from fragments and nothing is inflected: code only chooses between whole sentences and fills in
values (letters.md §1.6, §6).
"""

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

# Up to this length an event that ends after midnight is still one evening, not "27–28 August".
_ONE_NIGHT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of `language`. Unknown keys raise KeyError: a missing word is a broken template, not a silence."""

    language: str
    table: Mapping[str, Any]

    def say(self, section: str, key: str, **values: object) -> str:
        """The sentence `key` of `section`, with its `{names}` filled in. Values are never formatted again."""
        text = self.table[section][key]
        return str(text).format_map(values) if values else str(text)

    def label(self, key: str) -> str:
        return str(self.table["labels"][key])

    def command(self, key: str) -> str:
        """The word that asks for `key` in this language, upper case (letters.md §5)."""
        return str(self.table["commands"][key])

    def count(self, key: str, n: int, section: str = "plurals") -> str:
        """One of three by number: none, one, more. `{n}` is the number."""
        forms = self.table[section][key]
        return str(forms[min(n, 2)]).format_map({"n": n})

    def listed(self, names: tuple[str, ...]) -> str:
        """`Kim Ek`, `Kim Ek and Robin Berg`, `A, B and C`."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.table['and']} {names[-1]}"

    def quoted(self, text: str) -> str:
        opening, closing = self.table["quotes"]
        return f"{opening}{text}{closing}"

    # Dates. All datetimes are aware and already in the event's zone.

    def _filled(self, pattern: str, start: datetime, end: datetime | None = None, **more: str) -> str:
        dates = self.table["dates"]
        end = end or start
        return str(self.table["patterns"][pattern]).format_map(
            {
                "weekday": dates["weekdays"][start.weekday()],
                "weekday_short": dates["weekdays_short"][start.weekday()],
                "day": start.day,
                "month": dates["months"][start.month - 1],
                "month_short": dates["months_short"][start.month - 1],
                "year": start.year,
                "end_day": end.day,
                "end_month": dates["months"][end.month - 1],
                "end_year": end.year,
                "hour": start.hour,
                "minute": start.minute,
                "time": "" if pattern == "time" else self.time(start),
                "end_time": "" if pattern == "time" else self.time(end),
                **more,
            }
        )

    def time(self, moment: datetime) -> str:
        """`12:30` or `12.30`."""
        return str(self.table["patterns"]["time"]).format_map({"hour": moment.hour, "minute": moment.minute})

    @staticmethod
    def several_days(start: datetime, end: datetime) -> bool:
        """Whether it is told as days, not as one day or one evening."""
        return start.date() != end.date() and end - start > _ONE_NIGHT

    def long(self, start: datetime, end: datetime) -> str:
        """`Tuesday 27 August 2019, 12:30–16:00`; over several days `27–28 August 2019, starting at 12:30`."""
        if self.several_days(start, end):
            return self._filled("long_days", start, days=self.days(start, end))
        return self._filled("long", start, end)

    def days(self, start: datetime, end: datetime) -> str:
        """`27–28 August 2019`, `30 August – 2 September 2019`."""
        if (start.year, start.month) == (end.year, end.month):
            return self._filled("same_month", start, end)
        return self._filled("same_year" if start.year == end.year else "two_years", start, end)

    def short(self, moment: datetime, now: datetime) -> str:
        """`Tue 27 Aug 12:30`; with the year only when it is not the present one."""
        return self._filled("short" if moment.year == now.year else "short_year", moment)

    def deadline(self, moment: datetime, now: datetime) -> str:
        """`Friday 23 August at 12:00`."""
        return self._filled("deadline" if moment.year == now.year else "deadline_year", moment)

    def date(self, moment: datetime) -> str:
        """`27 August 2019`."""
        return self._filled("date", moment)

    def date_short(self, moment: datetime, now: datetime) -> str:
        """`27 Aug`."""
        return self._filled("date_short" if moment.year == now.year else "date_short_year", moment)

    def relative(self, moment: datetime, now: datetime) -> str:
        """`yesterday 07:00`, `today 12:30`, `tomorrow 09:00`, else the deadline form. Only for organisers' letters."""
        days = (moment.date() - now.date()).days
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
        return self._filled(near, moment) if near else self.deadline(moment, now)

    def zone(self, name: str) -> str:
        """`Swedish time`: said where the reader may sit in another zone."""
        zones = self.table["zones"]
        return str(zones[name]) if name in zones else str(zones["other"]).format_map({"zone": name})

    def by_surname(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A sort key: last word first, in this language's alphabet (å, ä, ö after z in Swedish)."""
        words = name.split() or [""]
        return self._key(words[-1]), self._key(name)

    def _key(self, text: str) -> tuple[str, ...]:
        collation = self.table["collation"]
        last: str = collation["after_z"]
        fold = {pair[0]: pair[1] for pair in collation["fold"]}
        key = []
        for sign in unicodedata.normalize("NFC", text.lower()):
            plain = fold.get(sign, sign)
            # "{" follows "z" in Unicode, so the letters after z sort as "{0", "{1", "{2".
            key.append(f"{{{last.index(plain)}" if plain in last else unicodedata.normalize("NFD", plain)[0])
        return tuple(key)


def load_words(language: str, path: Path) -> Words:
    """The words in that file. Raises OSError, or tomllib.TOMLDecodeError with the place of the mistake."""
    return Words(language, tomllib.loads(path.read_text(encoding="utf-8")))
