"""A door list with stand-in people, for the letters that carry one."""

from dataclasses import replace

from mailflow.mail.address import Address
from mailflow.model.letter import DoorList
from mailflow.model.registration import Answer, Registration


def sample_door_list(maja: Registration, kind: str, variant: str) -> DoorList:
    """Five people, two with a diet and one with a guest; or one of them who comes no more, or comes after all."""
    people = (
        ("Cem Yıldız", 5, 0, (Answer("diet", (), "no strawberries"),)),
        ("Bo Ek", 1, 1, ()),
        ("Åsa Öberg", 4, 0, ()),
        ("Ada Zetterström", 3, 0, (Answer("diet", ("vegan",)),)),
    )
    others = tuple(
        replace(maja, number=20 + n, code=f"K{n}-QX4M", address=Address(f"guest{n}", "example.org"), name=name,
                guests=guests, answers=answers, door_number=door, undeliverable=door == 4)
        for n, (name, door, guests, answers) in enumerate(people)
    )  # fmt: skip
    maja = replace(maja, door_number=2)
    if kind == "door_list":
        return DoorList((maja, *others))
    if variant == "back":
        return DoorList(new=(maja,))
    if variant == "erased":
        return DoorList(gone=(maja,), nameless=True)
    return DoorList(gone=(maja,), new=(replace(others[0], name="Nils Holm", door_number=0),))
