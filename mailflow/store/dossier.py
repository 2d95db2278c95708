"""All that is held about one address at one event, found by what is indexed."""

from collections.abc import Sequence

from mailflow.mail.address import Address
from mailflow.model.dossier import Asked, Dossier, Handed, LetterSent, MailKept, Step
from mailflow.store.bounces import BounceReader
from mailflow.store.erasures import PLACES, ErasuresReader
from mailflow.store.people import PeopleReader
from mailflow.store.schema import FOR_ORGANISERS
from mailflow.store.session import Row, moment_of, moment_or_none

MOST = 1000
_SPELLINGS = 50
# The sources of one's own mails, together: they travel in one letter.
SOURCE_OCTETS = 1024 * 1024
_PROVED = ("dkim", "relay", "spf")


def same(column: str) -> str:
    """The condition that a column of addresses names this one, in the form that its index answers.

    ASCII case is ignored, as in `Address.key`; for letters outside ASCII `spellings` finds what was really written.
    """
    return f"{column} <> '' AND {column} COLLATE NOCASE = ?"


class DossierReader(BounceReader, PeopleReader, ErasuresReader):
    """What one person may see of themselves."""

    def dossier(self, event: str, address: Address) -> Dossier:
        """A bounded number of rows; sources of mails only where the mail was proved to be theirs, newest first."""
        rows = self.all(
            "SELECT number FROM registrations WHERE event = ? AND address_key = ? ORDER BY number DESC LIMIT ?",
            event,
            address.key,
            MOST,
        )
        numbers = [row[0] for row in reversed(rows)]
        people = [self.registration(event, number) for number in numbers]
        steps = [entry for number in numbers for entry in self.history(event, number=number, limit=MOST)][-MOST:]
        # Found once for all places, and a few of them: a mailbox is not written in many ways by one person.
        spelled = self.spellings(event, address)[:_SPELLINGS]
        return Dossier(
            event=event,
            address=address,
            registrations=tuple(one for one in people if one is not None),
            history=tuple(Step(one.number, one.at, one.what, one.status) for one in steps),
            letters=self._letters_to(event, spelled),
            notes=tuple(note for number in numbers for note in self.calendar_notes(event, number=number)),
            bounces=tuple(bounce for number in numbers for bounce in self.bounces(event, number)),
            mails=self._mails_of(event, spelled),
            asked=tuple(
                Asked(act, moment_of(created), moment_of(expires), state)
                for act, created, expires, state in self._rows(
                    "act, created, expires, state", "challenges", "address", event, spelled, order="created"
                )
            ),
            questions=tuple(
                Handed(number, moment_of(asked), subject)
                for number, asked, subject in self._rows(
                    "number, asked, subject", "questions", "sender", event, spelled, order="number"
                )
            ),
        )

    def holds(self, event: str, address: Address) -> bool:
        """Whether anything of or to that address is held at the event, by what an erasure would look for."""
        person = "SELECT 1 FROM registrations WHERE event = ? AND address_key = ? LIMIT 1"
        if self.one(person, event, address.key):
            return True
        return any(
            self.one(f"SELECT 1 FROM {table} WHERE event = ? AND {same(column)} LIMIT 1", event, spelling)  # noqa: S608  our own names
            for spelling in self.spellings(event, address)
            for table, column in PLACES
        )

    def spellings(self, event: str, address: Address) -> tuple[str, ...]:
        """How this address may stand in the file. Outside ASCII, SQLite knows no case: all of the domain is read."""
        found = {str(address): None, address.key: None}
        if not address.ascii:
            for table, column in PLACES:
                rows = self.all(
                    f"SELECT DISTINCT {column} FROM {table} WHERE event = ? AND {column} LIKE ?",  # noqa: S608  our own names
                    event,
                    f"%@{address.domain}",
                )
                found.update({row[0]: None for row in rows if row[0].lower() == address.key})
        return tuple(found)

    def _rows(
        self, columns: str, table: str, column: str, event: str, spelled: Sequence[str], *, order: str, also: str = ""
    ) -> list[Row]:
        found: dict[Row, None] = {}
        for spelling in spelled:
            rows = self.all(
                f"""SELECT {columns} FROM {table} WHERE event = ? AND {same(column)} {also}
                ORDER BY {order} DESC LIMIT ?""",  # noqa: S608  our own names
                event,
                spelling,
                MOST,
            )
            found.update(dict.fromkeys(reversed(rows)))
        return list(found)

    def _letters_to(self, event: str, spelled: Sequence[str]) -> tuple[LetterSent, ...]:
        rows = self._rows(
            "kind, subject, created, state, sent_at, id", "outbox", "recipient", event, spelled, order="id",
            also=f"AND kind NOT IN {FOR_ORGANISERS}",
        )  # fmt: skip
        return tuple(
            LetterSent(kind, subject, moment_of(created), state, moment_or_none(sent_at))
            for kind, subject, created, state, sent_at, _ in rows
        )

    def _mails_of(self, event: str, spelled: Sequence[str]) -> tuple[MailKept, ...]:
        rows = self._rows(
            "id, received, state, intent, subject, proof, size_octets, raw", "inbox", "sender", event, spelled,
            order="id",
        )  # fmt: skip
        left, found = SOURCE_OCTETS, []
        for _, received, state, intent, subject, proof, size, raw in reversed(rows):
            source = None
            if raw is not None and proof in _PROVED and size <= left:
                row = self.one("SELECT octets FROM raw WHERE id = ?", raw)
                source = bytes(row[0]) if row else None
                left -= size
            found.append(MailKept(moment_of(received), state, intent, subject, proof, size, source))
        return tuple(reversed(found))
