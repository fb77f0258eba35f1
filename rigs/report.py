"""The one page that a run prints, and the same as JSON."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from rigs.history import FAIL, INFO, OK
from rigs.verdict import Evidence

if TYPE_CHECKING:
    from rigs.torture import Run

SHOWN = 3


def summary(run: "Run", evidence: Evidence, found: dict[str, list[str]]) -> dict[str, Any]:
    """Figures and violations of a run, as plain values."""
    deeds = run.history.deeds
    outcomes = Counter(one.outcome for one in deeds)
    lost = [one for one in deeds if one.unknown]
    made = {str(one["id"]): one["created_at"].timestamp() for one in evidence.visits}
    existed = [one for one in lost if one.op == "book" and 0 < made.get(one.visit, 0) < one.last_try - 0.05]
    back = [
        (name, min((ack - at for ack in run.history.acks if ack > at), default=None)) for at, name in run.faults.moments
    ]
    longest: dict[str, float] = {}
    for name, seconds in back:
        if seconds is not None:
            longest[name] = round(max(longest.get(name, 0.0), seconds), 2)
    violations = sum(len(one) for one in found.values())
    return {
        "green": violations == 0 and outcomes[OK] > 0,
        "control": run.given.control,
        "seed": run.seed,
        "seconds": run.given.seconds,
        "writers": run.given.writers,
        "operations": len(deeds),
        "acks_per_second": round(len(run.history.acks) / run.given.seconds, 1),
        "outcomes": {name: outcomes[name] for name in (OK, FAIL, INFO)},
        "answers_lost": len(lost),
        "lost_answers_whose_visit_existed": len(existed),
        "refusals": dict(Counter(one.code for one in deeds if one.outcome == FAIL).most_common(8)),
        "by_operation": dict(Counter(f"{one.op} {one.outcome}" for one in deeds).most_common()),
        "visits": len(evidence.visits),
        "days_off": len(run.blocks.made),
        "faults": dict(run.faults.done.most_common()),
        "connections_broken": run.proxy.broken,
        "longest_wait_for_an_answer_after": longest,
        "left_out": run.faults.left_out,
        "mails_delivered": sum(evidence.mails.values()),
        "messages_of_unknown_fate": sum(one["state"] == "unknown" for one in evidence.messages),
        "lost": sum(text.startswith("lost") for one in found.values() for text in one),
        "overlaps": len(found["I1 no overlap of therapist, room or client"]),
        "violations": {name: len(one) for name, one in found.items()},
        "first": {name: one[:SHOWN] for name, one in found.items() if one},
        "slice": _slice(run, found),
    }


def _slice(run: "Run", found: dict[str, list[str]]) -> list[str]:
    """What the history says about the first visit that broke a rule."""
    text = next((one[0] for one in found.values() if one), "")
    about = [one for one in run.history.deeds if one.visit and one.visit in text]
    return [
        f"{one.called:.3f} +{one.returned - one.called:.2f}s writer {one.writer} {one.op} "
        f"{one.asked.get('local_start', one.asked.get('event', ''))} -> {one.outcome} {one.status} {one.code}"
        for one in about[:12]
    ]


def page(found: dict[str, Any]) -> str:
    """The report for people."""
    faults = ", ".join(f"{name} {times}" for name, times in found["faults"].items()) or "none"
    waits = ", ".join(f"{name} {seconds} s" for name, seconds in found["longest_wait_for_an_answer_after"].items())
    outcomes = found["outcomes"]
    lines = [
        "",
        (
            f"Booking torture: {found['writers']} writers, {found['seconds']:.0f} s, seed {found['seed']}, "
            f"planted fault: {found['control'] or 'none'}"
        ),
        "",
        (
            f"  operations           {found['operations']}  ({outcomes['ok']} accepted, {outcomes['fail']} refused, "
            f"{outcomes['info']} unknown for good)"
        ),
        f"  writes accepted      {found['acks_per_second']} a second",
        (
            f"  answers lost         {found['answers_lost']}, of which {found['lost_answers_whose_visit_existed']} "
            "had booked all the same"
        ),
        f"  refusals             {', '.join(f'{code} {n}' for code, n in found['refusals'].items())}",
        f"  visits in the diary  {found['visits']};  days off taken and given back: {found['days_off']}",
        f"  faults               {faults}",
        f"  connections broken   {found['connections_broken']}",
        f"  longest silence      {waits or '-'}",
        (
            f"  mails                {found['mails_delivered']} delivered, "
            f"{found['messages_of_unknown_fate']} of unknown fate (worker killed while sending)"
        ),
        *(f"  left out             {name}: {why}" for name, why in found["left_out"].items()),
        "",
    ]
    for name, count in found["violations"].items():
        lines.append(f"  {'ok ' if not count else 'RED'}  {name}{f': {count}' if count else ''}")
        lines += [f"         {text}" for text in found["first"].get(name, [])]
    if found["slice"]:
        lines += ["", "  The history of the first:", *(f"    {one}" for one in found["slice"])]
    lines += ["", *_closing(found), ""]
    return "\n".join(lines)


def _closing(found: dict[str, Any]) -> list[str]:
    if found["control"]:
        word = "found, as it has to be" if not found["green"] else "NOT FOUND: the rig is blind to it"
        return [f"  RED: the planted fault was {word}." if not found["green"] else f"  The planted fault was {word}."]
    if not found["green"]:
        return ["  RED."]
    return [
        "  Green. On its own that is no evidence: run the controls too",
        '  (make torture ARGS="--seconds 30 --control drop-constraint"), which have to end red.',
    ]
