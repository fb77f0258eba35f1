"""What is said when a name in an address or a call is not known here."""

from unknot.kernel.errors import NotFoundError


class UnknownPracticeError(NotFoundError):
    """There is no practice at this address."""


class UnknownServiceError(NotFoundError):
    """This practice has no such service. Choose one from its menu."""

    code = "unknown-service"


class UnknownTherapistError(NotFoundError):
    """This practice has no such therapist. Choose one from its team."""

    code = "unknown-therapist"


class UnknownPlaceError(NotFoundError):
    """This practice has no such place."""

    code = "unknown-place"
