"""What search engines ask for: platform level."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from unknot.practice import queries as practice
from unknot.web.access import ANYONE, PracticeRequest, page
from unknot.website import queries

PRIVATE = ("/p/*/my/", "/p/*/desk/", "/p/*/book/", "/p/*/s/", "/me/", "/sign-in/", "/accounts/", "/api/", "/demo/")


@page(ANYONE, in_practice=False)
def robots(request: PracticeRequest) -> HttpResponse:
    """Everything public may be read by anyone; personal pages need not be tried."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), f"Sitemap: {settings.UNKNOT_URL}/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@page(ANYONE, in_practice=False)
def sitemap(request: PracticeRequest) -> HttpResponse:
    """All public pages of all practices."""
    slugs: dict[object, str] = {}
    pages: list[tuple[str, object]] = [("/", None), ("/find/", None), ("/find/how/", None)]
    for listing in practice.directory():
        base = f"/p/{listing.practice.slug}/"
        slugs[listing.practice.id] = base
        pages += [(base, None), (f"{base}therapists/", None), (f"{base}articles/", None)]
        pages += [(f"{base}therapists/{one.slug}/", None) for one in listing.therapists]
    for one in queries.article_addresses(on=timezone.now().date()):
        if one.practice_id in slugs:
            pages.append((f"{slugs[one.practice_id]}articles/{one.slug}/", one.published_on))
    context = {"pages": [(f"{settings.UNKNOT_URL}{path}", changed) for path, changed in pages]}
    return render(request, "website/sitemap.xml", context, content_type="application/xml")
