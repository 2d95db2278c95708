"""Names of time zones as calendars write them: IANA's, and those that Windows has for the commoner ones (CLDR)."""

import re
from zoneinfo import ZoneInfo

_IANA = re.compile(r"[A-Za-z_]{1,20}(?:/[A-Za-z0-9_+-]{1,30}){1,2}", re.ASCII)
_WINDOWS = {
    "UTC": "UTC",
    "GMT Standard Time": "Europe/London",
    "Greenwich Standard Time": "Atlantic/Reykjavik",
    "W. Europe Standard Time": "Europe/Berlin",
    "Central Europe Standard Time": "Europe/Budapest",
    "Central European Standard Time": "Europe/Warsaw",
    "Romance Standard Time": "Europe/Paris",
    "E. Europe Standard Time": "Europe/Chisinau",
    "FLE Standard Time": "Europe/Kyiv",
    "GTB Standard Time": "Europe/Bucharest",
    "Kaliningrad Standard Time": "Europe/Kaliningrad",
    "Russian Standard Time": "Europe/Moscow",
    "Turkey Standard Time": "Europe/Istanbul",
    "Israel Standard Time": "Asia/Jerusalem",
    "Egypt Standard Time": "Africa/Cairo",
    "South Africa Standard Time": "Africa/Johannesburg",
    "Arabian Standard Time": "Asia/Dubai",
    "India Standard Time": "Asia/Kolkata",
    "China Standard Time": "Asia/Shanghai",
    "Singapore Standard Time": "Asia/Singapore",
    "Tokyo Standard Time": "Asia/Tokyo",
    "Korea Standard Time": "Asia/Seoul",
    "AUS Eastern Standard Time": "Australia/Sydney",
    "New Zealand Standard Time": "Pacific/Auckland",
    "E. South America Standard Time": "America/Sao_Paulo",
    "Atlantic Standard Time": "America/Halifax",
    "Eastern Standard Time": "America/New_York",
    "Central Standard Time": "America/Chicago",
    "Mountain Standard Time": "America/Denver",
    "Pacific Standard Time": "America/Los_Angeles",
}
_FOLDED = {name.casefold(): zone for name, zone in _WINDOWS.items()}


def zone_named(name: str) -> str:
    """The IANA zone that a TZID means, "" for one that nobody knows. Never raises; no path is ever looked up."""
    name = name.strip()[:120]
    if known := _FOLDED.get(name.casefold()):
        return known
    # Some programs put a path of their own before it.
    for parts in (2, 3):
        tail = "/".join(name.strip("/").split("/")[-parts:])
        if _IANA.fullmatch(tail) and _exists(tail):
            return tail
    return ""


def _exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True
