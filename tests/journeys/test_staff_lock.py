"""Staff pages open with a passkey, not with a mailbox alone."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("demo")]
DAY = "/p/foothills/desk/day/"


def sign_in_by_code(page: Any, demo: Demo, email: str) -> None:
    before = len(demo.mails(email))
    page.goto(f"/sign-in/?next={DAY}")
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.wait_for_url("**/code/confirm/**")
    while len(demo.mails(email)) == before:
        page.wait_for_timeout(100)
    code = demo.wait_for_mail(email, r"Your code: (\S+)").group(1)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()


def test_a_mailbox_alone_does_not_open_the_desk_and_a_passkey_does(demo: Demo, person: Callable[..., Any]) -> None:
    page = person(width=1024)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    authenticator = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**authenticator, "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    sign_in_by_code(page, demo, "celeste@foothills.example")
    page.wait_for_url("**/sign-in/strengthen/**")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_load_state("networkidle")
    page.goto(DAY)
    page.get_by_role("heading", level=1).wait_for()
    assert page.url.endswith(DAY)

    again = page.context.new_page()
    again.goto(DAY)
    assert again.url.endswith(DAY)
