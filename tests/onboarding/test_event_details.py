"""What was written down with an event, as Kleep's staff read it: in words, in their language."""

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override

from onboarding import event_details
from onboarding.models import Event
from onboarding.services import record
from tests.onboarding.conftest import World
from tests.processes import ROOT

pytestmark = pytest.mark.django_db

SAID: list[tuple[str, dict[str, Any], str, str]] = [
    ("platform_chosen", {"platform": "other"}, "Platform: Another one, or I do not know", ""),
    ("pull_retried", {"resource": "orders fr"}, "What: Orders (fr)", "Quoi : Commandes (fr)"),
    ("check_started", {"check": 17}, "", ""),
    (
        "file_received",
        {"name": "returns.csv", "file": "d8929-4e", "dry_run": True},
        "Name: returns.csv, Checked only: yes",
        "Nom : returns.csv, Seulement vérifié : oui",
    ),
    ("file_received", {"name": "a.csv", "dry_run": False}, "Name: a.csv", "Nom : a.csv"),
    ("secret_compared", {"secret": "access_token", "same": False}, "The same: no", ""),
    (
        "role_changed",
        {"email": "a@b.example", "before": "viewer", "after": "owner"},
        "E-mail address: a@b.example, Before: Viewer, Now: Owner",
        "Adresse e-mail : a@b.example, Avant : Lecteur, Maintenant : Propriétaire",
    ),
    (
        "range_repulled",
        {"resource": "orders", "since": "2026-06-01T00:00:00+00:00"},
        "What: Orders, Since: 1 June 2026 00:00\u00a0UTC",
        "Quoi : Commandes, Depuis : 1 juin 2026 00:00 UTC",
    ),
    (
        "configuration_saved",
        {"attributes": {"color": "shade"}, "returns": {"source": "rma"}, "reread": ["products"]},
        "Attributes: Colour shade, Source of returns: source rma, Is read again: variants of products",
        "",
    ),
    ("widget_settings_saved", {"changed": {"country": "FR"}}, "What changed: Country FR", ""),
    ("line_signed", {"item": "look"}, "Line of the checklist: The button looks right", ""),
    ("of another time", {"fish": ["cod", "hake"]}, "fish: cod, hake", "fish : cod, hake"),
]


@pytest.mark.parametrize(("kind", "data", "english", "french"), SAID)
def test_details_are_words_of_the_readers_language(
    world: World, kind: str, data: dict[str, Any], english: str, french: str
) -> None:
    event = Event(kind=kind, data=data, shop=world.shop, merchant=world.merchant)
    said = event_details.of(event)
    assert english in said if english else said == ""
    if french:
        with override("fr"):
            assert event_details.of(event).replace("\u00a0", " ") == french


def test_merchants_read_which_task_it_was_and_staff_read_all_in_french(world: World) -> None:
    record(world.shop, "handed_off", by=world.people["owner"], task="widget", to="Agence Lune")
    staff, owner = world.client("manager"), world.client("owner")
    for client in (staff, owner):
        client.post("/language", {"language": "fr", "next": "/"})
    shown = escape("Tâche\u00a0: Ajouter le bouton, Envoyé à\u00a0: Agence Lune")
    for page in ("console_shop", "console_history"):
        assert shown in _page(staff, page, world)
    for page in ("shop", "history"):
        theirs = _page(owner, page, world)
        assert "Une tâche a été confiée à quelqu’un par un lien" in theirs
        assert "Tâche\u00a0: Ajouter le bouton</span>" in theirs
        assert "Agence Lune" not in theirs


def _page(client: Client, name: str, world: World) -> str:
    answer = client.get(reverse(name, args=[world.shop.slug]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_whatever_a_service_writes_down_has_a_name_in_words() -> None:
    known = event_details.NAMES.keys() | event_details.UNSAID
    assert event_details.UNSAID.isdisjoint(event_details.NAMES)
    assert event_details.SAYING.keys() | event_details.NAMING.keys() <= event_details.NAMES.keys()
    written = set(_written_down())
    assert {"resource", "platform", "role"} <= written
    assert written - known == set()


def _written_down() -> Iterator[str]:
    """The names of what is given to record(), but for those that are gathered first."""
    for path in (ROOT / "onboarding").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("record"):
                yield from (one.arg for one in node.keywords if one.arg and one.arg != "by")
