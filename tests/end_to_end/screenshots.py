"""Pictures of every page, wide and narrow, light and dark, in both languages: `make screenshots`.

Starts a portal of its own with its demo shops, walks through the list of pages.py and writes PNG files and
a gallery, index.html, into build/screenshots, or the folder that is given.
"""

import sys
import tempfile
from itertools import product
from pathlib import Path

from django.template import Context, Engine
from django.utils.text import slugify
from playwright.sync_api import Browser

from tests import browsers
from tests.end_to_end.journey import Shops, prepare
from tests.end_to_end.pages import PAGES, walk
from tests.portal import Portal, environment, launched
from tests.processes import ROOT

WIDTHS, SCHEMES, LANGUAGES = (1280, 390), ("light", "dark"), {"en": "en-GB", "fr": "fr-FR"}
VARIANTS = list(product(map(str, WIDTHS), SCHEMES, LANGUAGES))
GALLERY = Path(__file__).with_name("gallery.html")


def photograph(browser: Browser, portal: Portal, shops: Shops, folder: Path) -> None:
    for width, scheme, language in VARIANTS:
        options = {
            "viewport": {"width": int(width), "height": 800},
            "color_scheme": scheme,
            "locale": LANGUAGES[language],
        }
        for view, page in walk(browser, portal, shops, **options):
            name = f"{slugify(view.name)}-{width}-{scheme}-{language}.png"
            page.screenshot(path=folder / name, full_page=view.act is None)


def write_gallery(folder: Path) -> Path:
    """A page with all the pictures, by page of the portal; it opens from the disk and needs no script."""
    rows = [
        {
            "key": slugify(view.name),
            "name": view.name,
            "path": view.path,
            "pictures": [
                {"file": f"{slugify(view.name)}-{'-'.join(variant)}.png", "variant": variant}
                for variant in VARIANTS
            ],
        }
        for view in PAGES
    ]
    template = Engine().from_string(GALLERY.read_text(encoding="utf-8"))
    index = folder / "index.html"
    filters = [[str(width) for width in WIDTHS], list(SCHEMES), list(LANGUAGES)]
    index.write_text(template.render(Context({"rows": rows, "filters": filters})), encoding="utf-8")
    return index


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="kleep-screenshots-") as temporary,
        launched(environment(Path(temporary) / "var", embedded=True)) as portal,
        browsers.running() as browser,
    ):
        photograph(browser, portal, prepare(browser, portal), folder)
    sys.stdout.write(f"{write_gallery(folder)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "screenshots")
