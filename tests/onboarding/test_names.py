"""Names that people type: one line, no signs that turn the words around them, and none twice."""

import html
import re

import pytest
from django import forms
from django.test import Client

from onboarding.forms import HandOffForm, ShopForm
from onboarding.forms_people import InviteForm, MerchantForm, RegisterForm
from onboarding.models import Event, Shop
from onboarding.names import NameField
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db


def errors_of_the_name(page: str) -> str:
    found = re.search(r'id="id_name_error">(.*?)</div>', page, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", found[1])).strip() if found else ""


def add(client: Client, world: World, name: str, language: str = "en") -> tuple[int, str]:
    given = {"merchant": str(world.merchant.pk), "name": name, "environment": "preprod"}
    answer = client.post("/shops/new", given, headers={"Accept-Language": language})
    return answer.status_code, errors_of_the_name(answer.content.decode())


@pytest.mark.parametrize(
    "name", ["Paris\r\nBcc: all@example.com", "Paris\u2028Lyon", "Paris \u202etxt.exe", "a\x1b[31m"]
)
def test_what_cannot_be_seen_is_refused_beside_the_name(world: World, name: str) -> None:
    before = (Shop.objects.count(), Event.objects.count())
    status, said = add(world.client("owner"), world, name)
    assert (status, said[:19]) == (200, "A name is one line,")
    assert (Shop.objects.count(), Event.objects.count()) == before


@pytest.mark.parametrize("name", ["L’Été & <Fils>", "متجر", "店 1", "👩‍👩‍👧 Family", "' OR 1=1 --"])
def test_every_script_and_sign_makes_a_name(world: World, name: str) -> None:
    status, said = add(world.client("owner"), world, name)
    assert (status, said) == (302, "")
    assert Shop.objects.get(name=name).merchant == world.merchant


def test_a_shop_that_is_there_already_is_said_beside_its_name(world: World) -> None:
    """So is the second click on the button."""
    client = world.client("owner")
    assert add(client, world, "Twice")[0] == 302
    expected = {
        "en": "There is a shop of this name already: it is among your shops.",
        "fr": "Il y a déjà une boutique de ce nom\xa0: elle est parmi vos boutiques.",
    }
    for language, said in expected.items():
        assert add(client, world, "Twice", language) == (200, said)
    assert Shop.objects.filter(name="Twice").count() == 1


@pytest.mark.parametrize(
    ("form", "names"),
    [
        (ShopForm, ("name",)),
        (HandOffForm, ("name",)),
        (InviteForm, ("name",)),
        (MerchantForm, ("name", "shop", "owner")),
        (RegisterForm, ("name",)),
    ],
)
def test_every_form_that_asks_for_a_name_holds_to_it(
    form: type[forms.Form | forms.ModelForm[Shop]], names: tuple[str, ...]
) -> None:
    for name in names:
        assert isinstance(form.base_fields[name], NameField), name
