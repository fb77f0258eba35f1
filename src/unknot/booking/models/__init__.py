"""The diary. The database has the last word: exclusion constraints keep active visits of a therapist, a client, a table
and a piece of kit apart on every write path.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from unknot.booking.models.late import Change as Change
from unknot.booking.models.late import Delay as Delay
from unknot.booking.models.late import LateVisit as LateVisit
from unknot.db.sealed import SealedField
from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Span(models.Func):
    """`tstzrange(starts_at, ends_at, '[)')`: the service itself, without buffers."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


FAMILY = (Coalesce("moves", "id"), RangeOperators.NOT_EQUAL)
"""A visit and the new time that is kept for it while a change waits may meet: they will never both take place."""
ACTIVE = ["held", "requested", "confirmed", "arrived", "in_session", "completed"]
STATES = [*ACTIVE, "cancelled", "no_show", "expired"]


class Appointment(TenantModel):
    """A hold or a visit.

    `starts_at`/`ends_at`: the service itself (UTC). `blocked`: with the buffers that keep neighbours away, frozen at
    booking. `local_start` and `timezone`: the agreed wall time, the promise; `zone_data` the version it was converted
    with. `practitioner_id`: the therapist's account, so that one diary guard spans all their practices.

    What it refers to has no indexes of its own where only a deletion would ask for them: every index is written with
    every booking, and what visits refer to is put out of use, not deleted.
    """

    practice = models.ForeignKey("practice.Practice", on_delete=models.PROTECT, related_name="+", db_index=False)
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=12, choices=[(s, s) for s in STATES])
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    account_id = models.UUIDField(null=True, blank=True, help_text="The client's account, for reading their own visits")
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.PROTECT, related_name="+", db_index=False)
    practitioner_id = models.UUIDField()
    service = models.ForeignKey("practice.Service", on_delete=models.PROTECT, related_name="+", db_index=False)
    mode = models.CharField(max_length=6, choices=[("clinic", "clinic"), ("home", "home")], default="clinic")
    place = models.ForeignKey(
        "practice.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    room = models.ForeignKey(
        "practice.Room", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    room_unit = models.SmallIntegerField(default=0, help_text="Which table of a room that has several")
    kit_units = ArrayField(models.IntegerField(), default=list, blank=True, help_text="Pieces of kit it uses")
    home_address = models.CharField(max_length=240, blank=True)
    home_lat = models.FloatField(null=True, blank=True)
    home_lon = models.FloatField(null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    blocked = DateTimeRangeField()
    buffer_before = models.SmallIntegerField(default=0)
    buffer_after = models.SmallIntegerField(default=0)
    local_start = models.CharField(max_length=16, help_text="YYYY-MM-DDTHH:MM in the zone")
    timezone = models.CharField(max_length=60)
    zone_data = models.CharField(max_length=10)
    parts = models.JSONField(default=list, help_text="What it is made of, frozen; empty: the service alone")
    price_minor = models.IntegerField()
    currency = models.CharField(max_length=3)
    cancellation_tiers = models.JSONField(default=list, help_text="The policy shown at booking, frozen")
    access_needs = SealedField(null=True, help_text="Slugs of what the client needs to get in and be at ease")
    hold_hash = models.CharField(max_length=64, blank=True, help_text="Digest of the holder's secret")
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True, help_text="A request that nobody answered until then ends")
    closing = models.CharField(
        max_length=8,
        choices=[("", "not closed by the clock"), ("itself", "closed itself"), ("by_hand", "staff say when")],
        default="",
        blank=True,
    )
    intake_id = models.UUIDField(null=True, blank=True)
    change_hours = models.SmallIntegerField(
        default=0,
        help_text="Closer to its start than this, its client's move is a request; as shown at booking, frozen",
    )
    moves = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="This hold keeps the new time of that visit while a change waits",
    )
    late_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when we owe this visit lateness: cancelling and moving it are free"
    )
    sequence = models.IntegerField(default=0, help_text="Rises with each change, for calendar files")
    fee_minor = models.IntegerField(default=0, help_text="Late-cancel or no-show fee that applied")
    fee_floor_minor = models.IntegerField(default=0, help_text="What cancelling costs at least, since a late move")
    override_reason = SealedField(null=True, help_text="Why staff set the notice or the fee aside")
    booked_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            ExclusionConstraint(
                name="diary_therapist",
                expressions=[("practitioner_id", RangeOperators.EQUAL), ("blocked", RangeOperators.OVERLAPS), FAMILY],
                condition=Q(state__in=ACTIVE),
            ),
            ExclusionConstraint(
                name="diary_room",
                expressions=[
                    ("room", RangeOperators.EQUAL),
                    ("room_unit", RangeOperators.EQUAL),
                    ("blocked", RangeOperators.OVERLAPS),
                    FAMILY,
                ],
                condition=Q(state__in=ACTIVE, room__isnull=False),
            ),
            ExclusionConstraint(  # two lists of kit that share a piece; `&&` on whole numbers comes from intarray
                name="diary_kit",
                expressions=[("kit_units", RangeOperators.OVERLAPS), ("blocked", RangeOperators.OVERLAPS), FAMILY],
                condition=Q(state__in=ACTIVE) & ~Q(kit_units=[]),
            ),
            ExclusionConstraint(
                name="diary_client",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    (Span("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                    FAMILY,
                ],
                condition=Q(state__in=ACTIVE, client__isnull=False),
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="visit_forward"),
            models.CheckConstraint(
                condition=Q(state="held", hold_expires_at__isnull=False)
                | Q(state__in=["expired"])
                | (~Q(state__in=["held", "expired"]) & Q(client__isnull=False)),
                name="visit_has_client",
            ),
            models.CheckConstraint(
                condition=Q(mode="home", home_lat__isnull=False, home_lon__isnull=False)
                | Q(mode="clinic", place__isnull=False),
                name="visit_has_place",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "therapist", "starts_at"], name="visit_by_therapist"),
            models.Index(fields=["practice", "client", "starts_at"], name="visit_by_client"),
            models.Index(fields=["account_id", "starts_at"], name="visit_by_account"),
            models.Index(fields=["practice", "starts_at"], name="visit_by_start"),
            models.Index(fields=["ends_at"], name="visit_by_end"),  # what is still to come, over all practices
        ]


# Series


class Series(TenantModel):
    """A row of visits booked together by one rule. The rule is frozen; what became of each date is on `SeriesVisit`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    account_id = models.UUIDField(null=True, blank=True, help_text="The client's account, for reading their own series")
    service = models.ForeignKey("practice.Service", on_delete=models.PROTECT, related_name="+")
    first = models.CharField(max_length=16, help_text="Wall time of the first date, YYYY-MM-DDTHH:MM")
    timezone = models.CharField(max_length=60)
    every = models.SmallIntegerField()
    unit = models.CharField(max_length=5, choices=[("days", "days"), ("weeks", "weeks")])
    count = models.SmallIntegerField()
    booked_by = models.ForeignKey("people.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    sequence = models.IntegerField(default=0, help_text="Rises when several visits are moved or cancelled at once")

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(count__range=(1, 52), every__gte=1), name="series_sane"),
        ]


class SeriesVisit(TenantModel):
    """One date of a series: what the rule said, and the visit it became. Without a visit the date was left out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="+")
    number = models.SmallIntegerField(help_text="From 1")
    planned = models.CharField(
        max_length=16, help_text="Wall time by the rule; another one on the visit is an exception"
    )
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="series_number_once")]


# Cards of the search


class CubeField(models.Field):  # type: ignore[type-arg]
    """A point as contrib `cube`: x, y, z in kilometres from the middle of the earth, so that nearness needs no map."""

    def db_type(self, connection: object) -> str:
        del connection
        return "cube"


class Card(TenantModel):
    """What the search knows of one therapist at one clinic place, or (place null) on home visits: derived, rebuildable.

    Published facts only: who is not found in the marketplace has no card. `gaps`: free time of the next weeks, packed
    (`availability.domain.packed`), without rooms, kit and daily limits, for home visits without drives: never less than
    what is really free. `keys`: numbers (`card_key`) of what is given there, by kind and by slug with its length,
    `around` their own buffers in cells, before and after each. `lat`/`lon`/`position` of home visits are those of a
    grid cell, never of a base.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practice.Practice", on_delete=models.PROTECT, related_name="+", db_index=False)
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.CASCADE, related_name="+", db_index=False)
    practitioner_id = models.UUIDField()
    place = models.ForeignKey(
        "practice.Place", on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    position = CubeField()
    lat = models.FloatField()
    lon = models.FloatField()
    reach_km = models.FloatField(help_text="How far from the position visits happen; at a clinic no limit")
    keys = ArrayField(models.IntegerField(), default=list)
    around = ArrayField(models.SmallIntegerField(), default=list)
    skills = ArrayField(models.CharField(max_length=30), default=list, help_text="Those with a checked course")
    languages = ArrayField(models.CharField(max_length=8), default=list)
    gender = models.CharField(max_length=20, blank=True)
    max_level = models.SmallIntegerField()
    access = ArrayField(models.CharField(max_length=20), default=list)
    registered_until = models.DateField(null=True, help_text="Last day of a checked registration; null: none")
    timezone = models.CharField(max_length=60)
    grid_minutes = models.SmallIntegerField()
    notice_minutes = models.IntegerField()
    horizon_days = models.SmallIntegerField()
    base_cell = models.IntegerField()
    until_cell = models.IntegerField(help_text="Starts before this cell are covered")
    gaps = models.BinaryField()
    holds_until = models.DateTimeField(null=True, help_text="When the first hold or request counted in runs out")
    stale = models.BooleanField(default=False, help_text="The diary changed since; ask it")
    version = models.IntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["practice", "therapist", "place"], name="card_once", nulls_distinct=False),
        ]
        indexes = [
            GistIndex(fields=["position"], name="card_by_position"),
            models.Index(fields=["practitioner_id"], name="card_by_practitioner"),
        ]


class CardMark(TenantModel):
    """Cards that are to be made anew: all of a practice's (therapist null), or one therapist's. Set by triggers."""

    therapist_id = models.UUIDField(null=True, blank=True)
    since = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["practice", "therapist_id"], name="mark_once", nulls_distinct=False),
        ]


# Waitlist


class WaitlistEntry(TenantModel):
    """Somebody's wish for a time that was not free. Asked in the order of `joined_at`; see `domain/waitlist.py`."""

    STATES = [(s, s) for s in ("waiting", "booked", "left", "over")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client = models.ForeignKey("people.Client", on_delete=models.PROTECT, related_name="+")
    account_id = models.UUIDField(null=True, blank=True)
    service = models.ForeignKey("practice.Service", on_delete=models.PROTECT, related_name="+")
    therapist = models.ForeignKey("practice.Therapist", on_delete=models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey("practice.Place", on_delete=models.PROTECT, null=True, related_name="+")
    home_address = models.CharField(max_length=240, blank=True)
    home_lat = models.FloatField(null=True, blank=True)
    home_lon = models.FloatField(null=True, blank=True)
    first = models.DateField()
    last = models.DateField()
    weekdays = models.JSONField(default=list, help_text="0 is Monday; empty: any")
    opens = models.SmallIntegerField(default=0, help_text="Minutes after midnight")
    closes = models.SmallIntegerField(default=1440)
    state = models.CharField(max_length=7, choices=STATES, default="waiting")
    silent = models.SmallIntegerField(default=0, help_text="Offers that ran out unanswered")
    joined_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "state", "joined_at"], name="waitlist_in_turn")]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=models.F("first")), name="waitlist_days"),
            models.CheckConstraint(condition=Q(closes__gt=models.F("opens")), name="waitlist_hours"),
        ]


class WaitlistOffer(TenantModel):
    """A free time kept for one who waits, until `expires_at`. One open offer for a person, one row for a kept time."""

    STATES = [(s, s) for s in ("open", "accepted", "declined", "expired")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(WaitlistEntry, on_delete=models.PROTECT, related_name="+")
    client_id = models.UUIDField()
    hold = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=STATES, default="open")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "client_id"], condition=Q(state="open"), name="waitlist_one_offer_a_person"
            )
        ]


class GivenUp(TenantModel):
    """A time that somebody who waits moved a visit away from: it is not offered back to them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client_id = models.UUIDField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "client_id", "starts_at"], name="given_up_by_client")]


# Groups


class Group(TenantModel):
    """Two to four visits that start together, held, booked and moved as one. Each is a whole visit of its own client.

    `account_id`: who booked for all of them. `hold_hash` opens the kept times; the visits' own are empty.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField(null=True, blank=True, help_text="Who booked, for reading their own groups")
    hold_hash = models.CharField(max_length=64, help_text="Digest of the holder's secret")
    created_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        pass


class GroupVisit(TenantModel):
    """One person's part in a group. `called`: the first name that whoever booked gave, all that the others see.

    `invited`: somebody who joins through a link. `answered_at`: when they (or who booked) confirmed with their answers.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    number = models.SmallIntegerField(help_text="From 1")
    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="+")
    called = models.CharField(max_length=60, blank=True)
    invited = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["group", "number"], name="group_number_once"),
            models.CheckConstraint(condition=Q(number__range=(1, 4)), name="group_small"),
        ]
