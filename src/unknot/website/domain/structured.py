"""Structured data (schema.org) as plain values, and its safe text inside a page."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_CONTEXT = "https://schema.org"
# Everything that could end the script element or start a comment, and two line ends that old readers stumble over.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class Address:
    """A clinic for structured data."""

    name: str
    street: str
    city: str
    region: str
    postal_code: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Offering:
    """One service with its price in major units."""

    name: str
    description: str
    price: str
    currency: str


def embedded(value: Mapping[str, Any]) -> str:
    """JSON that can stand in a script element: nothing in it can be read as markup."""
    text = json.dumps(_without_blanks(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for char, escape in _ESCAPES.items():
        text = text.replace(char, escape)
    return text


def business(
    *,
    name: str,
    url: str,
    description: str,
    phone: str,
    email: str,
    places: Iterable[Address],
    offerings: Iterable[Offering],
) -> dict[str, Any]:
    """A practice. Ratings of its own visitors are left out on purpose: search engines ask not to mark up one's own."""
    spots = [
        {
            "@type": "Place",
            "name": one.name,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": one.street,
                "addressLocality": one.city,
                "addressRegion": one.region,
                "postalCode": one.postal_code,
                "addressCountry": "CA",
            },
            "geo": {"@type": "GeoCoordinates", "latitude": one.lat, "longitude": one.lon},
        }
        for one in places
    ]
    return {
        "@context": _CONTEXT,
        "@type": "HealthAndBeautyBusiness",
        "@id": url,
        "name": name,
        "url": url,
        "description": description,
        "telephone": phone,
        "email": email,
        "address": spots[0]["address"] if spots else None,
        "geo": spots[0]["geo"] if spots else None,
        "location": spots if len(spots) > 1 else None,
        "makesOffer": [
            {
                "@type": "Offer",
                "price": one.price,
                "priceCurrency": one.currency,
                "itemOffered": {"@type": "Service", "name": one.name, "description": one.description},
            }
            for one in offerings
        ],
    }


def person(
    *,
    name: str,
    url: str,
    title: str,
    description: str,
    languages: Iterable[str],
    credentials: Iterable[tuple[str, str]],
    works_for: str,
) -> dict[str, Any]:
    """A therapist; `credentials` are (title, issuer), `languages` ISO 639 codes, `works_for` the practice's address."""
    return {
        "@context": _CONTEXT,
        "@type": "Person",
        "@id": url,
        "name": name,
        "url": url,
        "jobTitle": title,
        "description": description,
        "knowsLanguage": list(languages),
        "hasCredential": [
            {
                "@type": "EducationalOccupationalCredential",
                "name": held,
                "recognizedBy": {"@type": "Organization", "name": issuer},
            }
            for held, issuer in credentials
        ],
        "worksFor": {"@id": works_for},
    }


def posting(
    *, title: str, url: str, description: str, author: str, published_on: date, tags: Iterable[str], publisher: str
) -> dict[str, Any]:
    """An article; `publisher` is the practice's name."""
    return {
        "@context": _CONTEXT,
        "@type": "BlogPosting",
        "@id": url,
        "mainEntityOfPage": url,
        "headline": title[:110],
        "description": description,
        "author": {"@type": "Person", "name": author} if author else None,
        "datePublished": published_on.isoformat(),
        "keywords": ", ".join(tags),
        "publisher": {"@type": "Organization", "name": publisher},
    }


def _without_blanks(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_blanks(inner) for key, inner in value.items() if inner not in (None, "", [])}
    return [_without_blanks(inner) for inner in value] if isinstance(value, list) else value
