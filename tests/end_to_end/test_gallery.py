"""The gallery of `make screenshots`: every page of the list in every variant, without a script."""

import re
from pathlib import Path

from tests.end_to_end.pages import PAGES
from tests.end_to_end.screenshots import VARIANTS, write_gallery


def test_the_gallery_has_every_page_in_every_variant(tmp_path: Path) -> None:
    page = write_gallery(tmp_path).read_text(encoding="utf-8")
    assert len(VARIANTS) == 8
    assert page.count("<img ") == len(PAGES) * len(VARIANTS)
    files = re.findall(r'<img src="([^"]+)" alt="[^"]+"', page)
    assert len(set(files)) == len(files) == len(PAGES) * len(VARIANTS)
    assert "products-390-dark-fr.png" in files
    assert "<script" not in page
    for value in ("1280", "390", "light", "dark", "en", "fr"):
        assert f'id="show-{value}"' in page
        assert f".v-{value} {{ display: none; }}" in page
