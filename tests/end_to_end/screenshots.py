"""Pictures of every page, wide and narrow, light and dark, in both languages: `make screenshots`.

Starts a portal of its own with its demo shops, walks through it and writes PNG files and an index.html
into build/screenshots, or the folder that is given.
"""

import html
import sys
import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.end_to_end.journey import Shops, log_in, new_page, prepare
from tests.parts import CHROMIUM
from tests.portal import Portal, environment, launched
from tests.processes import ROOT

WIDTHS, SCHEMES, LANGUAGES = (1280, 390), ("light", "dark"), {"en": "en-GB", "fr": "fr-FR"}


@dataclass(frozen=True)
class Camera:
    page: Page
    portal: Portal
    folder: Path
    suffix: str

    def take(self, name: str, path: str = "") -> None:
        """The whole page at that path, or the one that is open."""
        if path:
            self.page.goto(f"{self.portal.url}{path}")
        self.page.screenshot(path=self.folder / f"{name}-{self.suffix}.png", full_page=True)


def walk(camera: Camera, shops: Shops) -> None:
    camera.take("01-log-in", "/accounts/login/")
    camera.take("02-password", "/accounts/password/reset/")
    log_in(camera.page, camera.portal)
    camera.take("03-shops", "/")
    camera.page.locator("details.menu summary").click()
    camera.take("04-menu")
    camera.take("05-new-shop", "/shops/new")
    camera.take("06-shop-at-the-beginning", f"/shops/{shops.empty}/")
    camera.take("07-credentials", f"/shops/{shops.empty}/access")
    camera.page.locator("[name=url]").fill("http://www.shop.example/rest/V1")
    camera.page.locator("#access-form button[type=submit]").click()
    camera.page.locator(".error-summary").wait_for()
    camera.take("08-credentials-with-mistakes")
    camera.take("09-credentials-kept", f"/shops/{shops.complete}/access")
    camera.take("10-check-with-a-problem", f"/shops/{shops.refused}/check")
    camera.take("11-check", f"/shops/{shops.complete}/check")
    camera.take("12-pull-not-started", f"/shops/{shops.refused}/pull")
    camera.take("13-pull", f"/shops/{shops.complete}/pull")
    camera.take("14-data", f"/shops/{shops.complete}/data")
    camera.take("14b-readiness", f"/shops/{shops.complete}/readiness")
    camera.take("14c-columns", "/datasets")
    camera.take("15-shop-done", f"/shops/{shops.complete}/")
    camera.take("16-two-factor", "/accounts/2fa/")
    camera.take("17-change-password", "/accounts/password/change/")
    camera.take("18-log-out", "/accounts/logout/")


def write_index(folder: Path) -> None:
    """A page with all the pictures, one row per page of the portal."""
    names = sorted({file.stem.rsplit("-", 3)[0] for file in folder.glob("*.png")})
    rows = []
    for name in names:
        files = sorted(folder.glob(f"{name}-*-*-*.png"))
        pictures = "".join(
            f'<a href="{file.name}"><img src="{file.name}" alt="{html.escape(file.stem)}" loading="lazy"></a>'
            for file in files
        )
        rows.append(f"<h2>{html.escape(name)}</h2><p>{pictures}</p>")
    style = "<style>img{height:22rem;margin:.3rem;border:1px solid #ccc}</style>"
    head = f'<!doctype html><meta charset="utf-8"><title>Pages of the portal</title>{style}'
    (folder / "index.html").write_text(head + "".join(rows), encoding="utf-8")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="kleep-screenshots-") as temporary,
        launched(environment(Path(temporary) / "var", embedded=True)) as portal,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM.program, args=["--disable-dev-shm-usage"]
        )
        shops = prepare(browser, portal)
        for width, scheme, language in product(WIDTHS, SCHEMES, LANGUAGES):
            context, page, _complaints = new_page(
                browser,
                viewport={"width": width, "height": 800},
                color_scheme=scheme,
                locale=LANGUAGES[language],
            )
            walk(Camera(page, portal, folder, f"{width}-{scheme}-{language}"), shops)
            context.close()
        browser.close()
    write_index(folder)
    sys.stdout.write(f"{folder / 'index.html'}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "screenshots")
