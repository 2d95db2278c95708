"""One clear wish that nothing turns: whether it acts, is proposed, or goes to people."""

from dataclasses import replace

from mailflow.model.intent import AskStatus, Cancel, EraseMe, Help, MyData, Register, RemindOff, Update
from mailflow.reading.case import SEATED, Case, Conclusion


def one_wish(case: Case, wish: str) -> Conclusion:
    """One clear wish that nothing turns."""
    match wish:
        case "register":
            return _register(case)
        case "cancel":
            return _cancel(case)
        case "change" | "edit":
            return _change(case)
        case "erase" if case.found.given:
            return case.people("erases a part")
        case "erase":
            return case.sure(EraseMe(), "wants to be forgotten")
        case "stop":
            return case.sure(RemindOff(), "no more mail")
        case "status" | "help" | "data":
            return _told(case, wish)
        case _:
            return case.people(f"{wish}, and nothing to say it to", short=wish in ("yes", "no"))


def _register(case: Case) -> Conclusion:
    found = case.found
    seated = case.context.standing in ("confirmed", "waiting", "offered")
    if found.given and seated:
        return case.sure(Update(found.changes), "registered already; a change of what we know")
    if case.stands and case.context.answered in SEATED:
        return case.people("registers in the thread of a registration")
    fields = replace(found.fields, others=found.others)
    return case.sure(Register(fields, line="waitlist" in case.talk.wishes), "a registration")


def _cancel(case: Case) -> Conclusion:
    found = case.found
    if not case.stands and not case.context.answered:
        return case.people("a cancellation of nothing")
    told = found.fields.answers or found.fields.guests is not None  # "not alone" is no cancellation
    if (found.given and told) or found.others or "attending" in case.talk.kinds:
        return case.people("a cancellation, and something that does not go with it")
    if any(one.asks and "third" in one.danger_kinds for one in case.talk.all):
        return case.people("a cancellation, and a question about somebody else")
    return case.sure(Cancel(), "a cancellation", forward=False)


def _change(case: Case) -> Conclusion:
    found = case.found
    if not (case.stands or case.context.answered):
        return case.people("a change of nothing")
    if not (found.given or found.fields.name):
        return case.people("a change, and no value for it")
    return case.sure(Update(found.changes), "a change")


def _told(case: Case, wish: str) -> Conclusion:
    """Answers that change nothing: only where nothing else is said, or people would never see it."""
    if not case.talk.complete or case.talk.asks:
        return case.people(f"{wish}, and more")
    if wish == "status":
        return Conclusion(AskStatus(resend="resend" in case.talk.wishes), ("asks how it stands",))
    return Conclusion(Help() if wish == "help" else MyData(), (f"asks for {wish}",))
