"""The signed-in person's own front door."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from unknot.kernel.actors import STAFF
from unknot.people import queries as people
from unknot.practice import queries
from unknot.web.access import SIGNED_IN, PracticeRequest, actor_of, page


@page(SIGNED_IN, in_practice=False)
def me(request: PracticeRequest) -> HttpResponse:
    """Where this person is a client and where they work; straight on if there is only one such place."""
    assert request.actor.account_id is not None  # noqa: S101 - SIGNED_IN
    rows = []
    for practice_id in people.practices_of(request.actor.account_id):
        facts = queries.practice(practice_id)
        roles = actor_of(request, practice_id).roles
        if roles & STAFF:
            rows.append((facts, "desk", f"/p/{facts.slug}/desk/"))
        if "client" in roles:
            rows.append((facts, "my", f"/p/{facts.slug}/my/"))
    if len(rows) == 1:
        return redirect(rows[0][2])
    return render(request, "practice/me.html", {"rows": rows})
