"""The record of what is stored speaks of every table and is what the documentation shows."""

from django.apps import apps

from onboarding import storage_record
from tests.processes import ROOT


def test_every_table_is_spoken_of_and_no_other() -> None:
    assert storage_record.missing() == set()
    assert set(storage_record.TABLES) <= {model._meta.label for model in apps.get_models()}


def test_the_page_is_current() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert page == storage_record.page(), "run: manage.py describe_storage > docs/privacy.md"


def test_no_column_of_a_person_is_left_out() -> None:
    """Whatever sounds like a person in a dataset is named in the record."""
    line = next(one for one in storage_record.page().splitlines() if one.startswith("| customers"))
    for column in ("customer_ref", "gender", "birth_year", "country"):
        assert column in line
