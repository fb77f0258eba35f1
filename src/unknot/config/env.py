"""Typed readers of the environment. A variable `X` may be given as `X_FILE`, a file that holds it."""

import os
from pathlib import Path


class SettingError(SystemExit):
    """A setting is missing or unreadable; the message says which and what to do."""


def text(name: str, default: str | None = None) -> str:
    """The variable as text, or `default`. Exits with one clear sentence if there is neither."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise SettingError(f"{name}_FILE names a file that can't be read: {error.strerror}.") from error
    value = os.environ.get(name, default)
    if value is None:
        raise SettingError(f"Set {name} (or {name}_FILE). docs/reference/settings.md says what it is.")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """The variable as yes or no: 1, true, yes, on."""
    value = text(name, "1" if default else "0").lower()
    if value not in {"0", "1", "true", "false", "yes", "no", "on", "off", ""}:
        raise SettingError(f"{name} is neither yes nor no: {value!r}. Use 1 or 0.")
    return value in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """The variable as a whole number."""
    value = text(name, str(default))
    if not value.lstrip("-").isdigit():
        raise SettingError(f"{name} is not a whole number: {value!r}.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """The variable as a list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
