"""Renders the sample pages, photographs them (phone and desktop, light and dark) and runs axe on them.

    PYTHONPATH=src python tools/preview_design.py OUT_DIR [page ...] [--no-shots]

Writes OUT_DIR/<page>.html and OUT_DIR/<page>-<width>-<scheme>.png; prints axe violations, sideways scrolling at 320 px,
inline styles and scripts, and exits 1 when there are any. Needs chromium and the dev requirements; no database.
"""

import os
import re
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import django
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tools" / "design_samples"
STATIC = ROOT / "src" / "unknot" / "web" / "static"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
VIEWS = [(390, 844), (1280, 900)]
FORBIDDEN = re.compile(r"<[^>]+\s(style|on[a-z]+)\s*=|<style|<script(?![^>]*\ssrc=)")


class Quiet(SimpleHTTPRequestHandler):
    """Serves the output folder, and the project's static files under /static/."""

    def translate_path(self, path: str) -> str:
        if path.startswith("/static/"):
            return str(STATIC / path.removeprefix("/static/").split("?")[0])
        return super().translate_path(path)

    def log_message(self, *_: object) -> None:
        return


def serve(out: Path) -> tuple[ThreadingHTTPServer, str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(out)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


def configure() -> None:
    settings.configure(
        INSTALLED_APPS=["django.contrib.staticfiles", "django_htmx"],
        STATIC_URL="/static/",
        LANGUAGE_CODE="en-ca",
        USE_I18N=True,
        SECRET_KEY="preview only",  # noqa: S106 (nothing is signed here)
        FORM_RENDERER="django.forms.renderers.DjangoTemplates",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [SAMPLES, ROOT / "src" / "unknot" / "web" / "templates"],
            }
        ],
    )
    django.setup()


def render(out: Path, pages: list[str]) -> list[str]:
    """Writes the HTML of each page and returns what the content security policy would refuse."""
    from design_sample_data import context
    from django.template.loader import render_to_string

    problems = []
    for page in pages:
        html = render_to_string(f"{page}.html", context(page))
        problems += [f"{page}: {match.group(0)[:80]}" for match in FORBIDDEN.finditer(html)]
        (out / f"{page}.html").write_text(html)
    return problems


def photograph(out: Path, pages: list[str], site: str, *, shots: bool) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    problems = []
    arguments = ["--no-sandbox", "--headless"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for scheme in ("light", "dark"):
            tab = browser.new_page(color_scheme=scheme)
            tab.on("pageerror", lambda error: problems.append(f"script: {error}"))
            for page in pages:
                for width, height in VIEWS:
                    tab.set_viewport_size({"width": width, "height": height})
                    tab.goto(f"{site}/{page}.html")
                    tab.wait_for_timeout(150)
                    if shots:
                        tab.screenshot(path=out / f"{page}-{width}-{scheme}.png", full_page=True)
                    for found in Axe().run(tab).response["violations"]:
                        where = [node["html"][:120] for node in found["nodes"][:3]]
                        problems.append(f"{page} {width} {scheme}: {found['id']} ({len(found['nodes'])}) {where}")
                tab.set_viewport_size({"width": 320, "height": 640})
                wide = tab.evaluate("document.documentElement.scrollWidth")
                if wide > 320:
                    problems.append(f"{page} {scheme}: {wide} px wide at 320 px")
            tab.close()
        browser.close()
    return problems


def main() -> int:
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if not arguments:
        print(__doc__)
        return 2
    out = Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    pages = arguments[1:] or sorted(path.stem for path in SAMPLES.glob("*.html"))
    configure()
    problems = render(out, pages)
    server, site = serve(out)
    problems += photograph(out, pages, site, shots="--no-shots" not in sys.argv)
    server.shutdown()
    print("\n".join(problems) or f"{len(pages)} pages, no findings")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
