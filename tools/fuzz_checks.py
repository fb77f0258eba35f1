"""Two checks of ours beside schemathesis' own: refusals are problem details, and a valid request is never `invalid`.

Real ids and names, which tools/fuzz.py took from the demo, become examples in the description, so that requests get
past the door.
"""

import json
import os
from uuid import UUID

import schemathesis

PROBLEM = "application/problem+json"
KNOWN = json.loads(os.environ.get("UNKNOT_FUZZ_KNOWN", "{}"))


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Puts known values into the description as examples."""
    schemas = raw_schema["components"]["schemas"]
    for methods in raw_schema["paths"].values():
        for details in methods.values():
            for parameter in details.get("parameters", []):
                known = KNOWN.get(f"{parameter['in']}.{parameter['name']}")
                if known:
                    parameter["schema"]["examples"] = known[:3]
            for content in details.get("requestBody", {}).get("content", {}).values():
                shape = schemas.get(content["schema"].get("$ref", "").rsplit("/", 1)[-1], {})
                for name, field in shape.get("properties", {}).items():
                    known = KNOWN.get(f"body.{name}")
                    if known:
                        field["examples"] = known[:3]


@schemathesis.check
def refusals_are_problems(ctx, response, case):
    """Every refusal is a problem detail whose `status` is the answer's."""
    if response.status_code < 400:
        return
    kind = response.headers.get("content-type", [""])[0]
    if not kind.startswith(PROBLEM):
        raise AssertionError(f"A {response.status_code} of type {kind or 'nothing'} instead of {PROBLEM}")
    body = response.json()
    if body.get("status") != response.status_code or not body.get("detail"):
        raise AssertionError(f"A problem without its status or words: {body}")
    if response.status_code == 405 and not response.headers.get("allow"):
        raise AssertionError("A 405 without Allow")
    if response.status_code == 401 and not response.headers.get("www-authenticate"):
        raise AssertionError("A 401 without WWW-Authenticate")


@schemathesis.check
def rules_refuse_by_name(ctx, response, case):
    """A request that meets the schema may break a rule, but then the refusal names the rule."""
    mode = case.meta.generation.mode if case.meta else None
    if mode is None or not mode.is_positive or response.status_code not in {400, 422}:
        return
    if any(name.endswith("_id") and not _uuid(value) for name, value in (case.path_parameters or {}).items()):
        return  # an id that it found in another answer, of a field that only sounds like this one
    kind = response.json().get("type", "")
    if kind in {"/problems/invalid", "/problems/http-400", "/problems/http-422"}:
        raise AssertionError(f"The schema allows this request, the program does not: {response.text[:400]}")


def _uuid(value):
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
