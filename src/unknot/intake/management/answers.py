"""What the commands `guide` and `screen` share: a file of answers in, JSON out, exit code 2 for wrong answers."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from unknot.kernel.errors import InvalidError
from unknot.web.problems import problem_of

MOST_BYTES = 1_000_000
REFUSED = 2


class AnswersFileError(InvalidError):
    """The file of answers can't be read as JSON. Nothing was worked out; check the file and try again."""

    code = "answers-file"


class AnswersCommand(BaseCommand):
    """A command that works something out from a file of answers. Needs no database."""

    requires_system_checks: list[str] = []
    work_out: Callable[[Mapping[str, Any]], dict[str, Any]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--answers", required=True, metavar="FILE", help="JSON object of ids and values; - is stdin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the result, or the problem (then exit code 2), as one JSON document."""
        try:
            answer = type(self).work_out(_read(options["answers"]))
        except InvalidError as refused:
            self.stdout.write(json.dumps(problem_of(refused), indent=2, ensure_ascii=False))
            sys.exit(REFUSED)
        self.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False))


def _read(name: str) -> Mapping[str, Any]:
    try:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if name == "-" else _bytes_of(Path(name))
        if len(data) > MOST_BYTES:
            raise AnswersFileError("The file of answers is larger than 1 MB. Nothing was worked out.", field="answers")
        found: Mapping[str, Any] = json.loads(data.decode("utf-8"))
    except OSError as fault:
        message = f"The file of answers can't be opened: {fault.strerror or 'unknown reason'}. Check its name."
        raise AnswersFileError(message, field="answers") from fault
    except (ValueError, RecursionError) as fault:
        raise AnswersFileError(field="answers") from fault
    return found


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)
