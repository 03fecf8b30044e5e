"""Every text is there in every language, with its placeholders; what is compiled is what is written."""

import re

import pytest
from babel.messages.catalog import Message

from tests import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|<[^>]+>|&\w+;")
# Names and paths of the shops' own administrations, and words that are the same in French.
SAME = re.compile(
    r".+ > .+|Magento / .+|(Consumer|Access) .+"
    r"|Administration|Date|Dates|Format|Notifications|Pages?|Site|Table|Permissions|Production|SKU|Type|Kleep"
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
    same = [
        m.id
        for m in translations
        if m.id == m.string and m.context != "Magento's box" and not SAME.fullmatch(str(m.id))
    ]
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


# A sign that opens a line alone, an apostrophe of a typewriter.
CLUMSY_FRENCH = re.compile(r" [:;?!»](?=[\s»).,<]|$)|« | &gt;|(?<=[^\W\d])'(?=[^\W\d])")


def test_french_keeps_its_signs_on_the_line_of_their_words() -> None:
    assert all(CLUMSY_FRENCH.search(text) for text in ("Pourquoi : oui", "« oui", "l'adresse"))
    texts = [text for m in _translations("fr") for text in _texts(m.string)]
    assert [text for text in texts if CLUMSY_FRENCH.search(text)] == []


# --- nothing is said without gettext ---

TRANSLATED = re.compile(
    r"\{% blocktrans\w* .*?\{% endblocktrans\w* %\}|\{% block page_class %\}.*?\{% endblock %\}",
    re.DOTALL,
)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
SHOWN_ATTRIBUTE = re.compile(r'\s(?:aria-label|alt|title|placeholder)="([^"]*)"')
MARKUP = re.compile(
    r"<(?:script|style)\b.*?</(?:script|style)>|<code>.*?</code>|<[^>]*>|&\w+;", re.DOTALL
)
WORD = re.compile(r"[^\W\d_]{2,}")
# Names, and what is the same everywhere.
NAMES = {
    "Kleep",
    "Adobe",
    "Commerce",
    "Open",
    "Source",
    "Magento",
    "HTTP",
    "UTC",
    "SKU",
    "CSV",
    "JSONL",
    "Parquet",
    "EN",
    "FR",
    "English",
    "Français",
    "ms",
}
# Files that say something themselves, and why.
SAYS_IT_ITSELF = (
    "400.html", "500.html",  # in both languages at once: nothing works there that could choose
    "console/components",  # read by those who build pages
    "pictures/",  # of a vendor's screens, in the vendor's words
    "sftp/guide.html",  # commands to type
    "connectors/sandbox",  # stands in for shops and for Kleep
)  # fmt: skip


def _untranslated(template: str) -> set[str]:
    text = TAG.sub(" ", TRANSLATED.sub(" ", template))
    said = [*SHOWN_ATTRIBUTE.findall(text), MARKUP.sub(" ", text)]
    return {word for one in said for word in WORD.findall(one)} - NAMES


def test_no_template_says_anything_without_gettext() -> None:
    files = [path for path in messages.sources() if path.suffix != ".py"]
    assert len(files) > 60
    found = {
        path.name: words
        for path in files
        if not any(part in path.as_posix() for part in SAYS_IT_ITSELF)
        if (words := _untranslated(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_word_outside_gettext_is_seen() -> None:
    said = '<p class="lead">{% translate "Hello" %} <b>World</b></p><img alt="A picture">{{ name }}'
    assert _untranslated(said) == {"World", "picture"}


def test_scripts_say_nothing_themselves() -> None:
    """What they show comes from attributes of the page, which gettext has translated."""
    sentence = re.compile(r"""(["'`])([A-Z][a-z]+ [a-z]+[^"'`]*)\1""")
    scripts = sorted((messages.ROOT / "templates" / "static" / "js").glob("*.js"))
    assert scripts
    for script in scripts:
        lines = script.read_text(encoding="utf-8").splitlines()
        code = "\n".join(line.partition("// ")[0] for line in lines)
        assert sentence.findall(code) == [], script.name
    assert sentence.findall('show("Copied it all")') == [('"', "Copied it all")]
