"""The client's review of a visit."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from unknot.kernel import zones
from unknot.kernel.errors import InvalidError
from unknot.reviews import actions, queries
from unknot.reviews.forms import ReviewForm
from unknot.web.access import PracticeRequest, page


@require_http_methods(["GET", "POST"])
@page("client")
def review(request: PracticeRequest, visit: UUID) -> HttpResponse:
    """Writes or changes the review of one completed visit."""
    found = queries.reviewable(visit, by=request.actor)
    own = queries.own_review(visit, by=request.actor)
    held = {"stars": own.stars, "words": own.words, "anonymous": own.anonymous} if own else None
    form = ReviewForm(request.POST if request.method == "POST" else None, initial=held)
    hints: tuple[queries.TextHint, ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        hints = tuple(one for one in queries.hints(given["words"]) if not one.blocking)
        if not hints or given["as_it_is"]:
            try:
                save = actions.change_review if own else actions.write_review
                save(
                    by=request.actor,
                    appointment_id=visit,
                    stars=given["stars"],
                    words=given["words"],
                    anonymous=given["anonymous"],
                    now=timezone.now(),
                )
            except InvalidError as error:
                form.add_error("words" if error.field == "text" else "stars", error.message)
            else:
                messages.success(request, "Thank you. Your review is published.")
                return redirect(f"/p/{request.practice.slug}/therapists/{found.therapist_slug}/#reviews")
    status = 422 if form.is_bound else 200
    shown_as = queries.public_name(request.actor.name)
    context = {"form": form, "visit": found, "own": own, "hints": hints, "shown_as": shown_as}
    context["day"] = zones.local(found.starts_at, found.timezone).date()
    return render(request, "reviews/review.html", context, status=status)
