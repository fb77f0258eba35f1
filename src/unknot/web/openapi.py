"""The API object: what it says about itself in OpenAPI, and what it reads. Both are checked by `make fuzz`."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from unknot.web.access import ANYONE, Access

PROBLEM = "application/problem+json"
WITH_BODY = {
    400: "Not JSON",
    415: "Another content type than application/json",
}


class BodyTypeError(Exception):
    """A body that does not say it is JSON."""


class JsonParser(Parser):
    """Reads bodies that are JSON by name and by nature."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The value in the body. Raises BodyTypeError, and ValueError or RecursionError for what is no JSON."""
        kind = (request.content_type or "").lower()
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise BodyTypeError
        return json.loads(request.body, parse_constant=_refuse)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


class Api(NinjaAPI):
    """Describes refusals as the problem details they are, and which calls need a token."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The description, as `/api/v1/openapi.json` gives it."""
        schema = super().get_openapi_schema(**options)
        for methods in schema["paths"].values():
            for details in methods.values():
                _describe(details)
        return schema


def needs_token(access: Access) -> Any:
    """Tells an operation's description that it answers 401 without a token."""

    def contribute(operation: Operation) -> None:
        if ANYONE not in access.roles:
            operation.openapi_extra = {**(operation.openapi_extra or {}), "security": [{"Bearer": []}]}

    return contribute


def _describe(details: dict[str, Any]) -> None:
    answers: dict[Any, Any] = details["responses"]
    if "requestBody" in details:
        for status, words in WITH_BODY.items():
            answers[status] = answers[422] | {"description": words}
    for status, answer in answers.items():
        if int(status) >= 400 and "application/json" in answer.get("content", {}):
            answer["content"] = {PROBLEM: answer["content"]["application/json"]}
