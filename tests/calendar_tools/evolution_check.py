#!/usr/bin/python3
"""Puts calendars into Evolution's own store, as Evolution does when a person opens the invitation and accepts it.

    dbus-run-session -- /usr/bin/python3 evolution_check.py FILE.ics...

Debian: apt-get install --no-install-recommends evolution-data-server gir1.2-ecal-2.0 python3-gi dbus.  Use the system
interpreter: a virtual environment does not see the "gi" module.  Give HOME and the XDG folders a temporary place: the
calendar is the user's "Personal" one.  One JSON object per file on stdout: {file, error, events: [...]}, the whole
store after it; start and end are UTC instants, reckoned with the zones that the store has kept.
"""
import json
import sys

try:
    import gi
    gi.require_version("EDataServer", "1.2")
    gi.require_version("ECal", "2.0")
    gi.require_version("ICalGLib", "3.0")
    from gi.repository import ECal, EDataServer, GLib
    from gi.repository import ICalGLib as ical
except (ImportError, ValueError) as e:
    sys.exit("no Evolution data server (%s): install evolution-data-server gir1.2-ecal-2.0 python3-gi dbus" % e)

DO_NOT_WAIT = 0xFFFFFFFF   # for a network that a local calendar does not need


def instant(client, time):
    """UTC, in ISO form; what floats says so."""
    utc = ical.Timezone.get_utc_timezone()
    if not time.is_utc():
        tzid = time.get_tzid()
        if tzid is None:
            return "floating " + time.as_ical_string()
        _, zone = client.get_timezone_sync(tzid, None)
        time.set_timezone(zone)
        time = time.convert_to_zone(utc)
    s = time.as_ical_string()
    return "%s-%s-%sT%s:%s:%sZ" % (s[0:4], s[4:6], s[6:8], s[9:11], s[11:13], s[13:15])


def attendees(component):
    found, p = [], component.get_first_property(ical.PropertyKind.ATTENDEE_PROPERTY)
    while p:
        partstat = p.get_first_parameter(ical.ParameterKind.PARTSTAT_PARAMETER)
        found.append([p.get_attendee(), str(partstat.get_partstat()).split("PARTSTAT_")[-1].split(" ")[0]])
        p = component.get_next_property(ical.PropertyKind.ATTENDEE_PROPERTY)
    return found


def stored(client):
    _, components = client.get_object_list_sync("#t", None)
    return [{
        "uid": c.get_uid(), "sequence": c.get_sequence(), "summary": c.get_summary(), "location": c.get_location(),
        "status": str(c.get_status()).split("STATUS_")[-1].split(" ")[0], "attendees": attendees(c),
        "start": instant(client, c.get_dtstart()), "end": instant(client, c.get_dtend()),
    } for c in components]


def main():
    registry = EDataServer.SourceRegistry.new_sync(None)
    client = ECal.Client.connect_sync(
        registry.ref_builtin_calendar(), ECal.ClientSourceType.EVENTS, DO_NOT_WAIT, None)
    for name in sys.argv[1:]:
        out = {"file": name, "error": ""}
        with open(name, encoding="utf-8", newline="") as f:
            calendar = ical.Component.new_from_string(f.read())
        try:
            client.receive_objects_sync(calendar, 0, None)
        except GLib.Error as e:
            out["error"] = e.message
        print(json.dumps(dict(out, events=stored(client)), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
