"""What a merchant types for WSHOP: mended where it can be, refused with a sentence where not."""

import json

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from connectors.wshop.connector import WshopConnector
from connectors.wshop.forms import WshopForm, sort_paste

GOOD = {
    "url": "www.maison.example/api/v1/",
    "username": " api@maison.example ",
    "password": " correct horse ",
}
URL = "https://www.maison.example"


def _errors(**typed: str) -> dict[str, list[str]]:
    form = WshopForm({**GOOD, **typed})
    assert not form.is_valid()
    return {name: [str(message) for message in messages] for name, messages in form.errors.items()}


def test_what_is_typed_becomes_configuration_and_secrets() -> None:
    form = WshopForm(GOOD)
    assert form.is_valid()
    assert form.to_config() == {"url": URL, "language": "fr"}
    assert form.to_secrets() == {"username": "api@maison.example", "password": "correct horse"}
    assert set(form.to_secrets()) == set(WshopConnector.secret_names)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"url": ""}, "url", "Enter the API URL of your WSHOP shop."),
        ({"url": "http://maison.example"}, "url", "must begin with https://"),
        ({"url": "api@maison.example"}, "url", "This is an e-mail address."),
        ({"username": ""}, "username", "The user is missing"),
        (
            {"username": "kleep"},
            "username",
            "The user is the e-mail address of a Back Office user.",
        ),
        ({"password": ""}, "password", "The password is missing."),
        (
            {"password": "https://maison.example"},
            "password",
            "This is an address, not the password.",
        ),
        ({"password": "api@maison.example"}, "password", "This is the user, not the password."),
        ({"language": "xx"}, "language", "Choose one of the languages in the list."),
        ({"attributes": '{"colour": "c"}'}, "__all__", "nothing is called colour"),
        ({"attributes": "[1]"}, "__all__", "not an object"),
        ({"attributes": '{"color": [1]}'}, "__all__", "a code has letters"),
        ({"fields": '{"parent_reference": "a b"}'}, "__all__", "a path has names"),
        ({"paste": "hello"}, "paste", "We recognise no credentials in this text."),
    ],
)
def test_a_mistake_has_a_sentence_at_its_field(
    typed: dict[str, str], field: str, said: str
) -> None:
    found = _errors(**typed)
    assert set(found) == {field}
    assert said in found[field][0]


def test_the_languages_of_the_catalogue_are_named_in_the_readers_language() -> None:
    for language, name in (("en", "Brazilian Portuguese"), ("fr", "Portugais brésilien")):
        with translation.override(language):
            assert f'<option value="br">{name}</option>' in str(WshopForm()["language"])


@pytest.mark.parametrize("field", ["url", "username", "password", "paste", "language"])
def test_a_megabyte_of_text_is_refused_and_not_repeated(field: str) -> None:
    found = _errors(**{field: "x" * 1_000_000})
    assert field in found
    assert sum(len(message) for messages in found.values() for message in messages) < 500


def test_blank_secrets_stay_where_they_are_stored() -> None:
    form = WshopForm({"url": URL, "username": "", "password": ""}, kept=("username", "password"))
    assert form.is_valid()
    assert form.to_secrets() == {"username": "", "password": ""}


def test_what_pages_have_no_field_for_stays_as_it_is() -> None:
    config = {
        "url": URL,
        "language": "it",
        "attributes": {"dimensions": ["length"]},
        "fields": {"parent_reference": "collection.code"},
    }
    form = WshopForm(GOOD, config=config)
    assert form.is_valid()
    assert form.to_config() == config
    shown = WshopForm(config=config)
    assert (shown["url"].value(), shown["language"].value()) == (URL, "it")


def test_a_document_may_name_attributes_and_fields() -> None:
    given = {
        **GOOD,
        "attributes": json.dumps({"color": "teinte", "dimensions": ["length", "chest"]}),
        "fields": json.dumps({"internal_reference": ""}),
    }
    form = WshopForm({WshopForm.document[key]: value for key, value in given.items()})
    assert form.is_valid()
    assert form.to_config() == {
        "url": URL,
        "language": "fr",
        "attributes": {"color": ["teinte"], "dimensions": ["length", "chest"]},
        "fields": {"internal_reference": ""},
    }


MESSAGE = """Bonjour,
URL de l'API : https://www.maison.example/api/v1
Utilisateur : api@maison.example
Mot de passe : s3cret!pass
"""


@pytest.mark.parametrize(
    "pasted",
    [
        MESSAGE,
        MESSAGE.replace("\n", "\r\n"),
        "https://www.maison.example/api/v1 login=api@maison.example password=s3cret!pass",
        json.dumps({"url": URL, "email": "api@maison.example", "password": "s3cret!pass"}),
    ],
)
def test_everything_pasted_at_once_is_sorted_into_its_fields(pasted: str) -> None:
    form = WshopForm({"paste": pasted})
    assert form.is_valid(), form.errors
    assert form.to_config()["url"] == URL
    assert form.to_secrets() == {"username": "api@maison.example", "password": "s3cret!pass"}


def test_what_is_typed_wins_over_what_is_pasted() -> None:
    form = WshopForm({**GOOD, "paste": MESSAGE})
    assert form.is_valid()
    assert form.to_secrets()["password"] == "correct horse"


@pytest.mark.parametrize("pasted", ["", "[]", '{"url": 5}', "{" * 5000, "password:", "\0"])
def test_a_paste_without_credentials_gives_none(pasted: str) -> None:
    assert sort_paste(pasted) == {}


def test_no_secret_is_shown_again() -> None:
    form = WshopForm({**GOOD, "url": "", "paste": MESSAGE})
    form.is_valid()
    shown = str(form["password"]) + str(form["paste"])
    assert "correct horse" not in shown
    assert "s3cret" not in shown


def test_the_guide_names_every_endpoint_and_the_four_steps() -> None:
    page = render_to_string(WshopConnector.guide, {"resources": WshopConnector.resources})
    for resource in WshopConnector.resources[1:]:
        assert f"<code>/{resource.path}</code>" in page
    for step in ("Make a profile", "Make a user", "Allow API access", "Give the user the profile"):
        assert step in page
