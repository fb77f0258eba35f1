"""What a visit is put together from."""

from collections.abc import Iterable, Sequence

from unknot.booking.domain.parts import NotThereError, check_parts
from unknot.booking.queries.facts import VisitFacts
from unknot.practice import queries as practices
from unknot.practice.queries import ServiceFacts, Setup


def chosen_parts(
    service_slug: str, added: Iterable[str] = (), *, at_home: bool | None = None, setup: Setup | None = None
) -> tuple[ServiceFacts, tuple[ServiceFacts, ...]]:
    """The massage and what is added to it, in the menu's order. One query, none with a `setup`.

    `at_home` True or False also asks whether all additions are given there. Raises UnknownServiceError,
    AddedAloneError, AddedTwiceError, TooMuchError, NotThereError.
    """
    wanted = list(added)
    known = {one.slug: one for one in (setup or practices.setup()).services if one.slug in (service_slug, *wanted)}
    if service_slug not in known:
        raise practices.UnknownServiceError(field="service")
    if any(slug not in known for slug in wanted):
        raise practices.UnknownServiceError("This practice has no such addition. Leave it out.", field="add")
    main = known[service_slug]
    check_parts(main, [known[slug] for slug in wanted])
    extras = tuple(one for slug, one in known.items() if slug in wanted)
    if at_home is not None:
        check_there(extras, at_home=at_home)
    return main, extras


def check_there(extras: Sequence[ServiceFacts], *, at_home: bool) -> None:
    """Raises NotThereError for an addition that is not given at home, or only there."""
    if not all(one.at_home if at_home else one.at_clinic for one in extras):
        raise NotThereError(field="add")


def extras_of(visit: VisitFacts) -> tuple[ServiceFacts, ...]:
    """What is added to a visit, as the menu knows it now. At most two queries."""
    if not visit.added:
        return ()
    known = practices.services_of(one.service_id for one in visit.added)
    return tuple(known[one.service_id] for one in visit.added if one.service_id in known)
