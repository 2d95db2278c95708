"""Answers to letters of ours: YES, NO, thanks."""

from mailflow.model.intent import No, Yes
from mailflow.reading.case import SAFE, Case, Conclusion
from mailflow.reading.talk import ANYWHERE, Talk


def answer(case: Case, wishes: frozenset[str]) -> Conclusion | None:
    """YES, NO or neither to a question of ours (a request to confirm, an offered seat)."""
    talk = case.talk
    if talk.turned & (ANYWHERE | {"hedge", "condition", "third"}):
        return case.turned(wishes)
    no, yes = bool(wishes & {"no", "cancel"}), bool(wishes & {"yes", "register"})
    if no and yes:
        return case.people("YES and NO")
    if no:
        sound = talk.complete and not (
            talk.asks or talk.turned or "attending" in talk.kinds or loose(talk) or _no_of_it(talk)
        )
        return Conclusion(No(), ("NO to a question of ours",)) if sound else case.people("NO, and more")
    if yes and wishes <= {"yes", "register", "change", "status"}:
        # Nothing beside it but politeness and fields: an absence program may begin with "Yes, I am".
        if talk.turned or not talk.complete or not talk.kinds <= SAFE | {"filler"} or loose(talk):
            return case.people("YES, and something that turns it or is not understood")
        # A diet beside a YES is for people to see: the act itself carries no fields.
        more = talk.asks or case.found.given
        return Conclusion(Yes(), ("YES to a question of ours",), secondary="question" if more else None)
    return None


def loose(talk: Talk) -> bool:
    """Whether something is said that no rule has understood: "Ok, I will check my calendar", "Thanks, send a map".

    Beside a wish of several words ("yes, it was me who …") it is about that wish.
    """
    return any(one.loose and not any(len(hit.match.claimed) > 1 for hit in one.wishes) for one in talk.all)


def _no_of_it(talk: Talk) -> bool:
    """`No hurry`, `no time for this`: the word goes on, and is no answer."""
    bare = (
        (one, hit.match.end)
        for one in talk.all
        for hit in one.wishes
        if hit.rule.kind == "no" and len(hit.match.claimed) == 1
    )
    return any(end < len(one.sentence.words) and end not in one.sentence.breaks for one, end in bare)


def eager(talk: Talk) -> bool:
    """More than a bare "ok": in answer to an invitation "ja tack" is a wish."""
    yes = (hit for one in talk.all for hit in one.wishes if hit.rule.kind == "yes")
    return any(len(hit.match.claimed) > 1 for hit in yes)


def thanks(case: Case) -> bool:
    """A person's mail is filed without an answer only here; in answer to a question of ours thanks may mean yes."""
    talk = case.talk
    known = case.context.thread or case.context.standing in ("confirmed", "waiting")
    if not known or case.context.asked or talk.asks or not talk.complete or not talk.calm or loose(talk):
        return False
    if not talk.kinds <= SAFE or any(hit.rule.kind not in ("attend", "yes") for one in talk.all for hit in one.wishes):
        return False
    # "Invoice please" is courteous and asks for something: a word that nobody knows is never thanks.
    every = all((one.kinds & SAFE - {"courtesy"} or one.wishes) and not one.unexplained for one in talk.all)
    return every and bool(talk.kinds & {"thanks", "attending", "polite"} or talk.told("attend"))


def spoken(wishes: frozenset[str]) -> frozenset[str]:
    """Without the YES of "Yes, please register me" and the NO of "No, I can't come"; another NO contradicts."""
    manner = {"yes", "no"} if "cancel" in wishes else {"yes"}
    return wishes - manner or wishes
