"""Questions that wait for an organiser, and how they stop waiting."""

from mailflow.model.decision import Decision, QuestionDone, View


def done(view: View) -> Decision:
    """DONE F-31: somebody has answered `view.question`; the digest leaves it out from now on. Its sender hears nothing:
    the answer has gone to him already, or needs none.
    """
    question = view.question
    if question is None:
        return Decision("ignored", "no such question")
    if question.done is not None:
        return Decision("ignored", "is done already")
    return Decision("done", "done", (QuestionDone(question.number),))
