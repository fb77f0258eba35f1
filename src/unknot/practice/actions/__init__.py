"""The door for writing a practice's own settings: holidays, rooms, kit, the menu, limits of a day, booking rules.

Rooms above that keep a diary call these under its locks: see `booking.actions`.
"""

from unknot.practice.actions.holidays import set_holidays
from unknot.practice.actions.menu import retire_service, save_service
from unknot.practice.actions.premises import retire_room, save_kit, save_room
from unknot.practice.actions.rules import save_limits, save_rules
from unknot.practice.domain.settings import (
    KitSetting,
    LimitsSetting,
    NameTakenError,
    RoomSetting,
    RulesSetting,
    ServiceSetting,
    SettingError,
    StalePageError,
)

__all__ = [
    "KitSetting",
    "LimitsSetting",
    "NameTakenError",
    "RoomSetting",
    "RulesSetting",
    "ServiceSetting",
    "SettingError",
    "StalePageError",
    "retire_room",
    "retire_service",
    "save_kit",
    "save_limits",
    "save_room",
    "save_rules",
    "save_service",
    "set_holidays",
]
