"""What the letters about everybody cost: the digest and the door list of an event with 500 registrations.

    python benchmarks/digest.py [PEOPLE]

Prints, for each language, the time of one letter (best and median of twenty, templates compiled before), the octets of
its HTML (at 18 KB phones clip) and of the whole letter with its lists. Numbers are printed, never asserted.
"""

import statistics
import sys
import time
from dataclasses import replace
from datetime import timedelta

from mailflow.mail.address import Address
from mailflow.model.letter import DoorList, Letter
from mailflow.model.registration import Answer, Registration, Status
from mailflow.model.seal import Seal
from mailflow.render import Renderer, Site
from mailflow.render.sample import moment_of, sample_event, sample_letter, sample_registration

ROUNDS = 20
SURNAMES = ("Öberg", "Lind", "Zetterström", "Ek", "Yıldız", "Ångström", "O'Brien", "van der Berg", "Ærø", "Åkesson")
DIETS = (
    (), (Answer("diet", ("vegan",)),), (Answer("diet", ("gluten",), "gluten-free, and no nuts please"),),
    (Answer("diet", (), "no strawberries"), Answer("affiliation", (), "Lund University")),
)  # fmt: skip


def crowd(count: int) -> tuple[Registration, ...]:
    """People who differ in name, diet, guests and calendar answer."""
    maja = sample_registration()
    return tuple(
        replace(
            maja, number=n, door_number=n, code=f"K7-{n:04}", name=f"Given{chr(97 + n % 26)} {SURNAMES[n % 10]}",
            address=Address(f"person{n}", "example.org"), answers=DIETS[n % 4], guests=n % 7 == 0,
            partstat=("ACCEPTED", "TENTATIVE", "NEEDS-ACTION")[n % 3],
        )
        for n in range(1, count + 1)
    )  # fmt: skip


def letters(language: str, people: tuple[Registration, ...]) -> dict[str, Letter]:
    """Both, with as much to tell as can be."""
    digest, listed = (sample_letter(kind, "", language) for kind in ("digest", "door_list"))
    assert digest.digest is not None
    line = tuple(replace(one, status=Status.WAITING, place=one.number) for one in people[:50])
    full = replace(digest.digest, new=people, gone=people[:100], seated=people, line=line)
    return {
        "digest": replace(digest, digest=full),
        "door_list": replace(listed, door_list=DoorList(people)),
    }


def main() -> None:
    """One line a letter."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    people, event = crowd(count), sample_event()
    site = Site("events.example.org", "AIML@LU", "desk@example.org", "+", ("en", "sv"), "#0b5cad", timedelta(hours=48),
                calendar_ask=True, calendar_alarm=None)  # fmt: skip
    renderer = Renderer(site, Seal(b"a key for benchmarks, no secret."), lambda _: None)
    head = f"{count} registrations"
    print(f"{head:>24} {'best ms':>9} {'median ms':>10} {'HTML octets':>12} {'all octets':>11}")
    for language in ("en", "sv"):
        for name, letter in letters(language, people).items():
            times = []
            moment = moment_of(letter.kind, event)
            for _ in range(ROUNDS + 1):
                begun = time.perf_counter()
                rendered = renderer.render(letter, event, "7M2KQ9XD", moment)
                times.append(1000 * (time.perf_counter() - begun))
            # The first one compiles the templates.
            kept = times[1:]
            print(
                f"{language + '/' + name:>24} {min(kept):9.1f} {statistics.median(kept):10.1f}"
                f" {len(rendered.html.encode()):12} {len(rendered.octets):11}"
            )


if __name__ == "__main__":
    main()
