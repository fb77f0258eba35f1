"""Screenshots of the loop's pages, phone and desktop, into docs/images: `make shots`, or with
`--running DATA` of a demo that runs already.

The pictures are of made-up people. Each is reduced to 256 colours, so that the folder stays small.
"""

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from PIL import Image, ImageDraw  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from tests.browser import QUIET, find_chromium  # noqa: E402
from tests.journeys import walk  # noqa: E402
from tests.journeys.conftest import Demo, running_demo, sign_in_as, start_demo, stop_demo  # noqa: E402

IMAGES = ROOT / "docs" / "images"
PHONE, TABLET, DESKTOP = (390, 844), (1024, 768), (1280, 860)
MOST_BYTES, MOST_IN_ALL = 150_000, 2_500_000
TOMASZ, LEO, MAREN = "tomasz@clients.example", "leo@clients.example", "maren@riverbend.example"
SAM, IVAN = "sam@foothills.example", "ivan@foothills.example"
PAPER = (246, 241, 233)


def main() -> int:
    """Takes them all, weighs them, and says where they are."""
    parser = argparse.ArgumentParser("screenshots")
    parser.add_argument("--running", type=Path, help="data folder of a demo that runs already; changes its data")
    given = parser.parse_args()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with _demo(given.running) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        of_visitor(Camera(browser, demo, PHONE), demo)
        of_front(Camera(browser, demo, DESKTOP))
        of_client(Camera(browser, demo, PHONE), demo)
        of_desk(browser, demo)
        of_therapist(browser, demo)
        browser.close()
    hero()
    return weigh()


@contextmanager
def _demo(running: Path | None) -> Iterator[Demo]:
    if running is not None:
        yield running_demo(running)
        return
    folder = Path(tempfile.mkdtemp(prefix="unknot-shots-"))
    folder.chmod(0o755)
    demo = start_demo(folder / "demo")
    try:
        yield demo
    finally:
        stop_demo(demo.process)
        shutil.rmtree(folder, ignore_errors=True)


class Camera:
    """A page of one size that can be photographed."""

    def __init__(self, browser: Any, demo: Demo, size: tuple[int, int]) -> None:
        width, height = size
        viewport = {"width": width, "height": height}
        # A phone is photographed at twice its size, so that small print stays sharp.
        context = browser.new_context(
            base_url=demo.url,
            viewport=viewport,
            device_scale_factor=2 if size == PHONE else 1,
            locale="en-CA",
            timezone_id="America/Edmonton",
        )
        self.page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.height = height

    def take(self, name: str, *, tall: float = 1.0, at: str = "") -> None:
        """The page from its top, or from the element `at`, `tall` screens high."""
        width = self.page.viewport_size["width"]
        self.page.set_viewport_size({"width": width, "height": round(self.height * tall)})
        self.page.evaluate(
            "(at) => at ? document.querySelector(at).scrollIntoView({ behavior: 'instant' })"
            " : scrollTo({ top: 0, behavior: 'instant' })",
            at,
        )
        self.page.wait_for_timeout(400)
        keep(self.page.screenshot(animations="disabled", caret="hide"), IMAGES / f"{name}.png")
        self.page.set_viewport_size({"width": width, "height": self.height})


def keep(taken: bytes, path: Path) -> None:
    """Writes a picture with as many colours as its weight allows."""
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    for colours in (256, 128, 64, 32):
        few = picture.quantize(colours, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            return


def of_visitor(camera: Camera, demo: Demo) -> None:
    """From an article to a booked visit, on a phone."""
    page = camera.page
    page.goto("/p/riverbend/")
    camera.take("home-phone")
    walk.read_article(page)
    camera.take("guide-phone", tall=1.9)
    walk.answer_guide(page)
    camera.take("guide-result-phone", tall=1.5)
    page.get_by_role("link", name="Continue to the safety questions").click()
    camera.take("screening-phone", tall=1.3)
    walk.answer_screening(page, walk.HYPERMOBILE)
    camera.take("screening-result-phone", tall=1.3)
    page.get_by_role("link", name="Choose a time").click()
    walk.choose_service(page)
    camera.take("times-phone")
    walk.take_first_time(page)
    email = "dara@visitors.example"
    walk.sign_in_by_code(page, demo, email)
    camera.take("details-phone", tall=1.2)
    walk.confirm(page, name="Dara Whitlock", phone="780 555 0164")
    camera.take("booked-phone", tall=1.3)


def of_front(camera: Camera) -> None:
    """What a desktop shows before signing in."""
    for name, path in (
        ("home-desktop", "/p/riverbend/"),
        ("marketplace-desktop", "/"),
        ("article-desktop", "/p/riverbend/articles/low-back-pain-and-massage-without-the-promises/"),
    ):
        camera.page.goto(path)
        camera.take(name)


def of_client(camera: Camera, demo: Demo) -> None:
    """What a client of half a year sees."""
    page = camera.page
    sign_in_as(page, demo, TOMASZ, "riverbend")
    page.goto("/p/riverbend/my/progress/")
    camera.take("progress-phone", tall=1.8)
    page.goto(f"/p/riverbend/my/visits/{_visit(demo, TOMASZ, 'completed')}/aftercare/")
    camera.take("aftercare-phone", tall=1.5)


def of_desk(browser: Any, demo: Demo) -> None:
    """The diary of a clinic: everybody's day, a visit opened in place, a therapist's week, a booking by telephone."""
    wide, phone = Camera(browser, demo, DESKTOP), Camera(browser, demo, PHONE)
    page = wide.page
    sign_in_as(page, demo, SAM, "foothills")
    page.goto("/p/foothills/desk/day/")
    wide.take("diary-desktop", tall=1.3)
    page.goto("/p/foothills/desk/week/?therapist=noor-haddad")
    wide.take("diary-week-desktop", tall=1.2)
    page.goto("/p/foothills/desk/book/?service=therapeutic-60&therapist=noor-haddad&q=thorne")
    wide.take("phone-booking-desktop", tall=1.2)
    sign_in_as(phone.page, demo, IVAN, "foothills")
    phone.page.goto("/p/foothills/desk/day/")
    phone.take("diary-phone", tall=1.2)


def of_therapist(browser: Any, demo: Demo) -> None:
    """The day, an opened visit, the session on both screens, the note, the progress."""
    tablet, phone = Camera(browser, demo, TABLET), Camera(browser, demo, PHONE)
    page = tablet.page
    sign_in_as(page, demo, MAREN, "riverbend")
    page.goto("/p/riverbend/desk/day/")
    tablet.take("day-tablet")
    visit = _visit(demo, LEO, "in_session", "confirmed")
    page.goto(f"/p/riverbend/desk/visits/{visit}/")
    tablet.take("visit-tablet", tall=1.5)
    tablet.take("plan-tablet", at="#plan")
    page.get_by_role("button", name="agrees to this plan").click()
    page.get_by_role("button", name="Start session").click()
    page.wait_for_url("**/session/")
    for _ in range(2):
        page.get_by_role("button", name="Next:").click()
        page.wait_for_load_state()
    phone.page.goto(page.locator(".join-link").inner_text())
    phone.page.get_by_role("button", name="Lighter").click()
    page.get_by_role("button", name="Seen and done").wait_for()
    tablet.take("session-tablet")
    phone.take("comfort-phone")
    page.goto(f"/p/riverbend/desk/visits/{_visit(demo, TOMASZ, 'completed')}/note/")
    tablet.take("note-tablet", tall=1.2)
    [(client,)] = demo.rows(
        "SELECT client_id::text FROM booking_appointment WHERE id = %s", _visit(demo, TOMASZ, "completed")
    )
    page.goto(f"/p/riverbend/desk/clients/{client}/progress/")
    tablet.take("progress-tablet", tall=1.2)


def _visit(demo: Demo, email: str, *states: str) -> str:
    [(found,)] = demo.rows(
        "SELECT a.id::text FROM booking_appointment a JOIN people_account p ON p.id = a.account_id"
        " JOIN practice_practice r ON r.id = a.practice_id WHERE p.email = %s AND r.slug = 'riverbend'"
        " AND a.state = ANY(%s) ORDER BY a.starts_at DESC LIMIT 1",
        email,
        list(states),
    )
    return str(found)


def hero() -> None:
    """Three screens of one moment side by side: the guide's answer, the session on the tablet, the client's phone."""
    left, middle, right = (
        Image.open(IMAGES / f"{name}.png").convert("RGB")
        for name in ("guide-result-phone", "session-tablet", "comfort-phone")
    )
    height = 600
    sheet = Image.new("RGB", (1400, 720), PAPER)
    place = 40
    for picture, wide in ((left, 277), (middle, 726), (right, 277)):
        tall = height if wide < 300 else round(middle.height * wide / middle.width)
        part = picture.crop((0, 0, picture.width, min(picture.height, round(picture.width * tall / wide))))
        part = part.resize((wide, tall), Image.Resampling.LANCZOS)
        sheet.paste(part, (place, (720 - tall) // 2), _rounded(part.size))
        place += wide + 20
    held = io.BytesIO()
    sheet.save(held, "PNG")
    keep(held.getvalue(), IMAGES / "hero.png")


def _rounded(size: tuple[int, int]) -> Image.Image:
    wide, tall = size[0] * 4, size[1] * 4  # drawn large, so that the corners come out smooth
    mask = Image.new("L", (wide, tall), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, wide - 1, tall - 1), radius=88, fill=255)
    return mask.resize(size, Image.Resampling.LANCZOS)


def weigh() -> int:
    """0 if every picture and the whole folder are light enough."""
    sizes = {path.name: path.stat().st_size for path in sorted(IMAGES.glob("*.png"))}
    heavy = [f"{name} {size // 1000} kB" for name, size in sizes.items() if size > MOST_BYTES]
    whole = sum(sizes.values())
    print(f"{len(sizes)} pictures in {IMAGES.relative_to(ROOT)}, {whole // 1000} kB")
    print("\n".join(heavy))
    return 1 if heavy or whole > MOST_IN_ALL else 0


if __name__ == "__main__":
    sys.exit(main())
