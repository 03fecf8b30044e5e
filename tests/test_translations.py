"""Every text is there in every language, with its placeholders; what is compiled is what is written."""

import re

import pytest
from babel.messages.catalog import Message

from tests import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|<[^>]+>|&\w+;")
# Names and paths of the shops' own administrations, and words that are the same in French.
SAME = re.compile(
    r".+ > .+|Magento / .+|(Consumer|Access) .+"
    r"|Administration|Date|Dates|Pages|Permissions|Production|SKU|Type"
)


def _texts(value: object) -> list[str]:
    return list(value) if isinstance(value, tuple | list) else [str(value)]


def _translations(language: str) -> list[Message]:
    return [message for message in messages.read(language) if message.id]


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_catalogue_has_exactly_the_texts_of_the_project(language: str) -> None:
    wanted = {(message.context, *_texts(message.id)) for message in messages.extracted()}
    assert len(wanted) > 200
    assert {(m.context, *_texts(m.id)) for m in messages.read(language)} == wanted
    assert messages.read(language).obsolete == {}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_no_text_is_left_untranslated_or_guessed(language: str) -> None:
    translations = _translations(language)
    assert [m.id for m in translations if m.fuzzy or not all(_texts(m.string))] == []
    same = [m.id for m in translations if m.id == m.string and not SAME.fullmatch(str(m.id))]
    assert same == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_placeholders_and_tags_survive_the_translation(language: str) -> None:
    for message in _translations(language):
        wanted = {frozenset(PLACEHOLDER.findall(text)) for text in _texts(message.id)}
        for text in _texts(message.string):
            assert frozenset(PLACEHOLDER.findall(text)) in wanted, message.id


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    compiled = messages.read_compiled(language)
    for message in _translations(language):
        texts = _texts(message.id)
        if len(texts) == 2:
            found = [compiled.ngettext(*texts, number) for number in (1, 2)]
        elif message.context:
            found = [compiled.pgettext(message.context, texts[0])]
        else:
            found = [compiled.gettext(texts[0])]
        assert found == _texts(message.string)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_updating_an_up_to_date_catalogue_changes_nothing(language: str) -> None:
    assert messages.updated(language) == messages.po_file(language).read_bytes()
