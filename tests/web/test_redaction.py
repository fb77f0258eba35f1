"""Log lines carry no secret of an address."""

import logging
from typing import Any

import pytest

from unknot.config.logs import RedactingFormatter


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /p/riverbend/feeds/gbHxo5-_mZu/diary.ics", "Not Found: /p/riverbend/feeds/***/diary.ics"),
        ("Too Many Requests: /mail/stop/abc:1x:yz-_/", "Too Many Requests: /mail/stop/***/"),
        ("GET /x?token=abc&y=1", "GET /x?token=***&y=1"),
        ("Not Found: /p/riverbend/therapists/maren/", "Not Found: /p/riverbend/therapists/maren/"),
    ],
)
def test_what_a_line_keeps(said: str, kept: str) -> None:
    record: Any = logging.LogRecord("django.request", logging.WARNING, "", 0, said, (), None)
    assert RedactingFormatter("%(message)s").format(record) == kept
