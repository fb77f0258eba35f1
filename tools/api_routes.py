"""Writes the table of calls in docs/reference/api.md anew. `make reference` runs it."""

import os
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/api.md"
BEGIN, END = "<!-- calls -->\n", "<!-- end of calls -->\n"


def table() -> str:
    """One line per call, in the order of the OpenAPI description: call, what it does, who may."""
    from unknot.config.api import api

    roles = {
        (method, plain(f"{prefix}{operation.path}")): operation.view_func.access.roles
        for prefix, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
        for method in operation.methods
    }
    lines = ["| call | does | needs sign-in |", "|---|---|---|"]
    for path, calls in api.get_openapi_schema()["paths"].items():
        for method, described in calls.items():
            short = path.removeprefix("/api/v1")
            signed_in = "no" if "anyone" in roles[method.upper(), short] else "yes"
            lines.append(f"| `{method.upper()} {short}` | {described['summary']} | {signed_in} |")
    return "\n".join(lines) + "\n"


def plain(path: str) -> str:
    """An address without the types of its parameters."""
    return re.sub(r"\{\w+:(\w+)\}", r"{\1}", path)


def page(text: str) -> str:
    """The page with the table as it should be."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unknot.config.settings")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/nothing?host=/nonexistent")
    os.environ.setdefault("UNKNOT_SECRET_KEY", "only-for-this")
    os.environ.setdefault("UNKNOT_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    import django

    django.setup()
    PAGE.write_text(page(PAGE.read_text()))
    print(f"wrote {PAGE.name}")
