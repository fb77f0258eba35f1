"""What happened to a client's record, in words that the client understands: the record keeps codes only."""

VERBS = {
    "aftercare.read": "read the aftercare sheet",
    "chart.opened": "opened the chart before a visit",
    "check_in.answered": "answered a check-in",
    "check_in.read": "read a check-in",
    "check_in.seen": "marked a check-in as seen",
    "check_ins.listed": "looked through the check-ins",
    "client.added": "added you as a client",
    "client.changed": "changed name or contact",
    "client.dependant": "added you as somebody they look after",
    "client.grown": "took over their own record",
    "client.invited": "brought you along",
    "client.joined": "became a client here",
    "client.offered": "invited you to take over your own record",
    "comfort.acknowledged": "saw a comfort signal during a session",
    "consent.given": "gave consent",
    "consent.withdrawn": "took consent back",
    "goal.closed": "closed a goal",
    "goal.set": "set a goal",
    "goals.read": "read the goals",
    "guide.recorded": "answered the guide",
    "intake.claimed": "took over answers given before signing in",
    "intake.read": "read the health answers",
    "measure.recorded": "wrote a rating",
    "note.amended": "added to a treatment note",
    "note.read": "read a treatment note",
    "note.saved": "saved a draft of a treatment note",
    "note.signed": "signed a treatment note",
    "payment.recorded": "recorded a payment",
    "places.recorded": "marked places on the body map",
    "plan.agreed": "agreed to a session plan",
    "plan.made": "made a session plan",
    "progress.read": "looked at the progress",
    "proposal.held": "held the next-visit proposal for a look",
    "proposal.signed": "signed the next-visit proposal",
    "receipt.issued": "issued a receipt",
    "receipt.voided": "voided a receipt",
    "screening.recorded": "answered the safety questions",
    "screening.relaxed": "set a safety rule aside, with a reason",
    "session.ended": "ended a session",
    "session.started": "started a session",
    "style.chosen": "wrote which style was given",
    "touch.kept": "wrote how you wish to be touched",
    "touch.read": "read how you wish to be touched",
    "visit.arrived": "marked you as arrived",
    "visit.booked": "booked a visit",
    "visit.additions-changed": "changed what is added to a visit",
    "visit.cancelled": "cancelled a visit",
    "visit.completed": "marked a visit as done",
    "visit.moved": "moved a visit",
    "visit.requested": "asked for a visit",
    "visit.room-changed": "gave a visit another room",
    "visit.rezoned": "corrected a visit's time after a change of zone data",
    "visit.rezone-undone": "took back a correction of a visit's time",
    "wish.set": "said what they wish for the plan",
}
_NOUNS = {"visit": "a visit", "note": "a treatment note", "check_in": "a check-in", "plan": "a session plan"}


def said(verb: str) -> str:
    """The words for a verb such as `note.read`; unknown verbs are spelled out, never hidden."""
    if verb in VERBS:
        return VERBS[verb]
    subject, _, act = verb.partition(".")
    return f"{act.replace('_', ' ')}: {_NOUNS.get(subject, subject.replace('_', ' '))}"


def is_reading(verb: str) -> bool:
    """True if something was only looked at."""
    return verb.rpartition(".")[2] in {"read", "opened", "listed"}
