"""What an owner sets: the same value says how a thing stands and how it shall be. `stamp` tells two of them apart."""

from dataclasses import dataclass
from uuid import UUID

from unknot.kernel.errors import ConflictError, InvalidError
from unknot.kernel.ids import digest

ATTRIBUTES = ("step_free", "low_table", "quiet")
"""What a room may have for those who need it; the slugs of a client's needs."""
GRIDS = (5, 10, 15, 20, 30, 60)
MOST_TABLES, MOST_PIECES = 20, 20


class StalePageError(ConflictError):
    """Somebody else saved this after you opened the page. Nothing was saved; what you typed is still here."""

    code = "stale-page"


class NameTakenError(InvalidError):
    """There is one of that name already. Nothing was saved; choose another name."""

    code = "name-taken"


class SettingError(InvalidError):
    """This setting does not add up. Nothing was saved; look at the field and try again."""

    code = "setting"


@dataclass(frozen=True)
class RoomSetting:
    """A room: at which place, how many tables, what it has for those who need it (`ATTRIBUTES`)."""

    place_id: UUID
    name: str
    capacity: int = 1
    attributes: tuple[str, ...] = ()
    active: bool = True

    def check(self) -> None:
        """Raises SettingError."""
        if not self.name.strip() or len(self.name) > 60:
            raise SettingError("A room has a name of at most 60 letters. Nothing was saved.", field="name")
        if not 1 <= self.capacity <= MOST_TABLES:
            raise SettingError("A room has one to 20 tables. Nothing was saved.", field="capacity")
        if not set(self.attributes) <= set(ATTRIBUTES):
            raise SettingError(field="attributes")


@dataclass(frozen=True)
class KitSetting:
    """All kit of one kind: what a piece is called, how many pieces where (None: carried along), which services need it.

    Pieces are alike, so a number says it all; places without any are left out. All of it sorted.
    """

    name: str
    pieces: tuple[tuple[UUID | None, int], ...] = ()
    services: tuple[UUID, ...] = ()

    def check(self) -> None:
        """Raises SettingError."""
        if not self.name.strip() or len(self.name) > 60:
            raise SettingError("Kit has a name of at most 60 letters. Nothing was saved.", field="name")
        if any(not 0 <= count <= MOST_PIECES for _, count in self.pieces):
            raise SettingError("There can be up to 20 pieces at a place. Nothing was saved.", field="pieces")


@dataclass(frozen=True)
class ServiceSetting:
    """A line of the menu: a massage of one length, or (`addon`) something to add to one. Minutes; price in cents."""

    kind: str
    name: str
    minutes: int
    price_minor: int
    description: str = ""
    buffer_before: int = 0
    buffer_after: int = 15
    at_clinic: bool = True
    at_home: bool = False
    addon: bool = False
    kit: tuple[str, ...] = ()
    new_clients: str = "yes"
    approval: bool = False
    skill: str = ""
    position: int = 0
    therapists: tuple[UUID, ...] = ()
    active: bool = True

    def check(self) -> None:
        """Raises SettingError."""
        least, most = (5, 120) if self.addon else (15, 240)
        if not self.name.strip() or len(self.name) > 80:
            raise SettingError("It has a name of at most 80 letters. Nothing was saved.", field="name")
        if not self.kind or len(self.kind) > 30:
            raise SettingError("Choose what kind of massage it is. Nothing was saved.", field="kind")
        if not least <= self.minutes <= most or self.minutes % 5:
            said = f"It lasts {least} to {most} minutes, in steps of five. Nothing was saved."
            raise SettingError(said, field="minutes")
        if not 0 <= self.price_minor <= 10_000_000:
            raise SettingError("The price is between nothing and 100,000. Nothing was saved.", field="price")
        for field in ("buffer_before", "buffer_after"):
            if not 0 <= getattr(self, field) <= 120 or getattr(self, field) % 5:
                raise SettingError("Up to 120 minutes, in steps of five. Nothing was saved.", field=field)
        if not (self.at_clinic or self.at_home):
            raise SettingError("Choose the clinic, home visits, or both. Nothing was saved.", field="at_clinic")
        if self.new_clients not in ("yes", "approval", "no"):
            raise SettingError(field="new_clients")


@dataclass(frozen=True)
class RulesSetting:
    """When visits may start and how early they have to be booked: minutes, and days ahead."""

    grid_minutes: int
    notice_minutes: int
    horizon_days: int
    hold_minutes: int

    def check(self) -> None:
        """Raises SettingError."""
        if self.grid_minutes not in GRIDS:
            raise SettingError(field="grid_minutes")
        if not 0 <= self.notice_minutes <= 14 * 1440:
            raise SettingError("The notice is at most 14 days. Nothing was saved.", field="notice")
        if not 1 <= self.horizon_days <= 366:
            raise SettingError("The diary is open 1 to 366 days ahead. Nothing was saved.", field="horizon_days")
        if not 2 <= self.hold_minutes <= 60:
            raise SettingError("A time is kept for 2 to 60 minutes. Nothing was saved.", field="hold_minutes")


@dataclass(frozen=True)
class LimitsSetting:
    """What a therapist takes on in a day at most; None: no limit."""

    visits: int | None = None
    minutes: int | None = None
    deep_minutes: int | None = None

    def check(self) -> None:
        """Raises SettingError."""
        for field, most in (("visits", 30), ("minutes", 1440), ("deep_minutes", 1440)):
            value = getattr(self, field)
            if value is not None and not 0 <= value <= most:
                raise SettingError(f"A limit is a number up to {most}. Nothing was saved.", field=field)


def stamp(setting: object) -> str:
    """A short mark of how a thing stands; another one as soon as anything of it changes."""
    return digest(repr(setting))[:20]
