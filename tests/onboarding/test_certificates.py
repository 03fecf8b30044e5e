"""The paper of a go-live, printed by real Chromium."""

import pytest
from django.conf import settings
from django.utils import translation

from onboarding import certificates, reverifying, tasks
from onboarding.models import Certificate, Decision
from tests.onboarding.conftest import World
from tests.onboarding.test_golive import PAGE, PRODUCTION, approved, live, looked


def verified(world: World) -> Decision:
    return live(world).shop.decisions.get(kind=Decision.Kind.VERIFIED)


@pytest.mark.browser
def test_it_is_printed_once_in_every_language(world: World) -> None:
    decision = verified(world)
    certificates.make(decision.pk)
    certificates.make(decision.pk)
    printed = Certificate.objects.order_by("language")
    assert [one.language for one in printed] == sorted(code for code, _name in settings.LANGUAGES)
    for one in printed:
        content = one.file.read()
        assert content.startswith(b"%PDF-")
        assert b"/StructTreeRoot" in content  # tagged, for screen readers
        one.file.delete(save=False)


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Certificate of the go-live"), ("fr", "Certificat de mise en ligne")],
)
def test_it_says_who_signed_and_what_was_proven(world: World, language: str, title: str) -> None:
    decision = verified(world)
    with translation.override(language):
        html = certificates.as_html(decision)
    people = [str(world.people[who]) for who in ("owner", "manager", "approver")]
    assert all(text in html for text in [title, PAGE, *people, "<style>/* The printed"])
    assert "http://" not in html.replace(PAGE, "")
    assert "<script" not in html


def test_no_other_decision_has_one(world: World) -> None:
    for decision in approved(world).shop.decisions.all():
        certificates.make(decision.pk)
    assert not Certificate.objects.exists()


def test_one_that_was_not_printed_is_asked_for_at_the_next_look(world: World, monkeypatch) -> None:
    decision, asked = verified(world), list[int]()
    monkeypatch.setattr(tasks.print_certificate, "delay", asked.append)
    reverifying.after(looked(world.shop, environment=PRODUCTION))
    assert asked == [decision.pk]
    for language, _name in settings.LANGUAGES:
        Certificate.objects.create(decision=decision, language=language, file="printed.pdf")
    reverifying.after(looked(world.shop, environment=PRODUCTION))
    assert asked == [decision.pk]
