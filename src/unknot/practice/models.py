"""What a practice is and offers. Published facts may be read by anyone; only the practice itself writes them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Practice(models.Model):
    """The tenant. Its own row is readable by all (directory); RLS lets only its own scope write it."""

    KINDS = [("solo", "solo"), ("clinic", "clinic"), ("marketplace", "marketplace")]
    PALETTES = [("", "spruce"), ("river", "river"), ("plum", "plum"), ("clay", "clay")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=KINDS)
    tagline = models.CharField(max_length=200, blank=True)
    about = models.TextField(blank=True)
    timezone = models.CharField(max_length=60)
    jurisdiction = models.CharField(max_length=10, help_text="ISO 3166-2, such as CA-AB")
    currency = models.CharField(max_length=3, default="CAD")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    tax_number = models.CharField(max_length=40, blank=True, help_text="No tax is charged while this is empty")
    buffer_rule = models.CharField(max_length=6, choices=[("sum", "sum"), ("larger", "larger")], default="sum")
    grid_minutes = models.SmallIntegerField(default=15)
    notice_minutes = models.IntegerField(default=120)
    horizon_days = models.SmallIntegerField(default=60)
    hold_minutes = models.SmallIntegerField(default=10)
    close_after_minutes = models.SmallIntegerField(
        default=180, help_text="So long after its end a visit that nobody closed closes itself; 0: never"
    )
    answer_hours = models.SmallIntegerField(default=24, help_text="How long a request may wait for our answer")
    change_hours = models.SmallIntegerField(
        default=24, help_text="Closer to its start than this, a client's move of a visit needs our yes; 0: never"
    )
    cancellation_tiers = models.JSONField(default=list, help_text="[[hours before, percent of the price], ...]")
    holidays = models.CharField(
        max_length=6, choices=[("open", "open"), ("closed", "closed")], default="open", help_text="On public holidays"
    )
    palette = models.CharField(max_length=12, choices=PALETTES, default="", blank=True, help_text="Leading colour")
    published = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(grid_minutes__in=[5, 10, 15, 20, 30, 60]), name="practice_grid"),
            models.CheckConstraint(condition=models.Q(hold_minutes__range=(2, 60)), name="practice_hold"),
            models.CheckConstraint(
                condition=models.Q(close_after_minutes__range=(0, 2880)), name="practice_close_after"
            ),
            models.CheckConstraint(condition=models.Q(answer_hours__range=(1, 168)), name="practice_answer_hours"),
            models.CheckConstraint(condition=models.Q(change_hours__range=(0, 336)), name="practice_change_hours"),
        ]


class Edition(TenantModel):
    """Another value whenever a row changes that says what the practice (therapist null) or one of its therapists offers
    and when. Kept by triggers. One row each, so that whoever changes a therapist's hours waits for nobody else."""

    therapist_id = models.UUIDField(null=True, blank=True)
    edition = models.UUIDField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["practice", "therapist_id"], name="edition_once", nulls_distinct=False),
        ]


class Place(TenantModel):
    """An address where visits happen, or from where a therapist starts the day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=[("clinic", "clinic"), ("base", "base")], default="clinic")
    street = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=40, blank=True)
    postal_code = models.CharField(max_length=12, blank=True)
    lat = models.FloatField()
    lon = models.FloatField()
    access = ArrayField(models.CharField(max_length=20), default=list, blank=True, help_text="step_free, ...")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["practice", "slug"], name="place_slug_once")]


class Room(TenantModel):
    """A treatment room with one table, or with several (`capacity`): as many visits at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    attributes = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, help_text="quiet, low_table, ..."
    )
    capacity = models.SmallIntegerField(default=1, help_text="Tables: visits at a time")
    active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["place", "name"], name="room_name_once"),
            models.CheckConstraint(condition=models.Q(capacity__range=(1, 20)), name="room_capacity"),
        ]


class Kit(TenantModel):
    """One piece of kit that a visit may need: a hydraulic table, a set of hot stones. `kind` says which are alike.

    `place` empty: carried along, also to people's homes. A whole number as key, so that a constraint can compare lists.
    """

    id = models.AutoField(primary_key=True)
    kind = models.SlugField(max_length=30)
    name = models.CharField(max_length=60, help_text="What it is called in a sentence: the hot stones")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["practice", "kind"], name="kit_by_kind")]


class Service(TenantModel):
    """One bookable treatment of one length, or something to add to one (`addon`).

    `kind` groups lengths: therapeutic, deep_tissue, relaxation, ...
    """

    NEW = [("yes", "yes"), ("approval", "after approval"), ("no", "no")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60)
    kind = models.SlugField(max_length=30)
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True)
    minutes = models.SmallIntegerField()
    price_minor = models.IntegerField()
    buffer_before = models.SmallIntegerField(default=0)
    buffer_after = models.SmallIntegerField(default=15)
    at_clinic = models.BooleanField(default=True)
    at_home = models.BooleanField(default=False)
    addon = models.BooleanField(default=False, help_text="Only together with a massage, within the same visit")
    kit = ArrayField(models.CharField(max_length=30), default=list, blank=True, help_text="Kinds of kit, one of each")
    new_clients = models.CharField(max_length=8, choices=NEW, default="yes", help_text="May somebody new book it?")
    approval = models.BooleanField(default=False, help_text="The practice confirms each booking of it")
    skill = models.CharField(max_length=30, blank=True, help_text="Only therapists with this skill, checked, give it")
    active = models.BooleanField(default=True)
    position = models.SmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["practice", "slug"], name="service_slug_once"),
            models.CheckConstraint(
                condition=models.Q(minutes__range=(15, 240)) | models.Q(addon=True, minutes__range=(5, 120)),
                name="service_minutes",
            ),
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="service_price"),
        ]


class Therapist(TenantModel):
    """A therapist in this practice. `account` is the person: one diary guard over all practices they work in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("people.Account", on_delete=models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=40, default="RMT")
    bio = models.TextField(blank=True)
    gender = models.CharField(max_length=20, blank=True)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    skills = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    max_level = models.SmallIntegerField(default=4, help_text="Firmest Walton level offered")
    home_visits = models.BooleanField(default=False)
    travel_km = models.SmallIntegerField(default=0)
    base = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    services = models.ManyToManyField(Service, through="Offer", related_name="+")
    most_visits = models.SmallIntegerField(null=True, blank=True, help_text="In a day; empty: no limit")
    most_minutes = models.SmallIntegerField(null=True, blank=True, help_text="Hands-on minutes in a day")
    most_deep_minutes = models.SmallIntegerField(null=True, blank=True, help_text="Of them with deep pressure")
    listed = models.BooleanField(default=True, help_text="Found in the marketplace")
    active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["practice", "slug"], name="therapist_slug_once"),
            models.UniqueConstraint(fields=["practice", "account"], name="therapist_account_once"),
        ]


class Offer(TenantModel):
    """This therapist gives this service."""

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["therapist", "service"], name="offer_once")]


class Credential(TenantModel):
    """A registration or membership with its issuer; `kind` says whether the law or an association stands behind it."""

    KINDS = [("statutory", "statutory registration"), ("association", "association membership"), ("course", "course")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=KINDS)
    title = models.CharField(max_length=80)
    issuer = models.CharField(max_length=120)
    number = models.CharField(max_length=40)
    expires_on = models.DateField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        pass
