"""What the page shell needs on every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context: the practice and actor after the gate (None on platform pages), the operator's name, demo mode."""
    return {
        "practice": getattr(request, "practice", None),
        "actor": getattr(request, "actor", None),
        "operator_name": settings.UNKNOT_OPERATOR_NAME,
        "demo": settings.UNKNOT_DEMO,
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
