"""docs/wshop.md says what the tables say."""

from pathlib import Path

from connectors.wshop import documentation
from connectors.wshop.dialect import DIALECT

PAGE = Path(__file__).resolve().parents[3] / "docs" / "wshop.md"


def test_the_page_is_the_one_that_the_tables_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == documentation.page(), (
        "run: python -m connectors.wshop.documentation > docs/wshop.md"
    )


def test_the_page_names_every_endpoint_and_every_field() -> None:
    page = documentation.page()
    for endpoint in DIALECT.endpoints.values():
        assert f"`{endpoint.path}`" in page
        for path in endpoint.fields.values():
            assert f"`{path}`" in page
        for path in endpoint.line_fields.values():
            assert f"`{endpoint.lines}[].{path}`" in page


def test_assumptions_are_called_assumptions() -> None:
    page = documentation.page()
    assert page.index("What is our assumption") < page.index("### Log-in and refusals")
