"""The steps of the loop as a visitor takes them: what is clicked and typed, with or without scripts."""

from typing import Any

HEALTH_WORDS = ("back", "pain", "sore", "joint", "pressure", "screening", "deep tissue", "hypermobil", "massage for")
HYPERMOBILE = "C30"  # an answer that books as usual and caps the pressure at level 3


def read_article(page: Any) -> None:
    """Practice home, then an article, then the guide with the article's region marked."""
    page.goto("/p/riverbend/")
    page.get_by_role("link", name="Low back pain and massage, without the promises").first.click()
    page.get_by_role("link", name="Start the guide").click()
    page.wait_for_url("**/guide/**")


def answer_guide(page: Any) -> None:
    """Long-standing trouble with the low back, deep work known and liked."""
    for label in (
        "Less pain or stiffness in one area",
        "More than 12 weeks",
        "Deep work that helped; any soreness was gone in 2 days",
        "Firm",
        "A place that has bothered me for long feels tight or knotted",
    ):
        page.get_by_label(label, exact=True).check()
    page.get_by_role("button", name="See what fits").click()
    page.wait_for_url("**/guide/result/")


def answer_screening(page: Any, *ticked: str) -> None:
    """No warning signs; of the health questions only those `ticked` (rule ids)."""
    for _ in range(2):
        for card in page.locator("fieldset.card").all():
            rows = [row for row in ticked if card.locator(f'input[name="yes"][value="{row}"]').count()]
            for row in rows:
                card.locator(f'input[name="yes"][value="{row}"]').check()
            if not rows:
                card.get_by_label("None of these").check()
        with page.expect_navigation():  # both pages have one address: the next turn must not read the page that goes
            page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/screening/result/")


def choose_service(page: Any, service: str = "therapeutic-60") -> None:
    """What and where; then the free times."""
    page.locator(f'input[name="service"][value="{service}"]').check()
    page.get_by_role("button", name="See free times").click()
    page.wait_for_url("**/book/times/**")


def take_first_time(page: Any) -> str:
    """The earliest time shown is kept; returns its key."""
    if not page.locator("button.slot").count():
        page.get_by_role("link", name="Next free day").click()
    first = page.locator("button.slot").first
    if not first.is_visible():
        page.locator("summary", has=page.locator("h3")).first.click()
    key = first.get_attribute("value")
    first.click()
    page.wait_for_url("**/book/details/**")
    return str(key)


def sign_in_by_code(page: Any, demo: Any, email: str) -> None:
    """Address in, code out of the mailbox, back where one was."""
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    code = demo.wait_for_mail(email, r"Your code: (\S+)").group(1)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()


def confirm(page: Any, *, name: str, phone: str) -> str:
    """Name and number, then the booking. Returns the visit's id."""
    page.get_by_label("Your full name").fill(name)
    page.get_by_label("Your phone number").fill(phone)
    page.get_by_role("button", name="Book ").click()
    page.wait_for_url("**/my/visits/*/?new=1")
    return str(page.url.split("/my/visits/")[1].split("/")[0])
