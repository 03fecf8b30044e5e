"""The snippet: what it carries, how it is recognised, and that no value leaves the place it stands in."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.widget import consent, gtm, snippet
from onboarding.widget.kleep import Kleep
from onboarding.widget.settings import (
    ButtonColor,
    Cmp,
    Placement,
    StoreLanguage,
    WidgetSettings,
)

KLEEP = Kleep(
    script_url="https://cdn.kleep.example/kleep.js",
    drawer_url="https://drawer.kleep.example/open",
    api_url="https://api.kleep.example",
    button_id="kleep-size-button",
    arguments={"retailer": "domain", "product": "product_id", "country": "countryCode"},
)
CHOSEN = WidgetSettings(
    retailer_uuid="5b0c1f5e-6f0b-4c1c-9f5e-2d8d7b1f3a10",
    placement=Placement.AFTER,
    selector=".product-add-form",
    button_color=ButtonColor.WHITE,
    font="Georgia",
    language="fr",
    country="FR",
    category="shoes",
    stores=(StoreLanguage(store="it", language="it", country="IT"),),
    cmp=Cmp.DIDOMI,
    variant_field="[name=size]",
)


class Parts(HTMLParser):
    """What an HTML parser sees: tags, texts of scripts, comments."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.comments: list[str] = []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def rendered(chosen: WidgetSettings = CHOSEN, **changed: Any) -> str:
    given = {"slug": "maison", "environment": "preprod", "kleep": KLEEP, **changed}
    return snippet.render(chosen, **given)


def carried(text: str) -> dict[str, Any]:
    """The settings in the script."""
    script = "".join(Parts(text).scripts)
    found: dict[str, Any] = json.loads(script[script.rindex("})(") + 3 : script.rindex(");")])
    return found


def test_it_carries_everything_that_kleep_is_told() -> None:
    text = rendered()
    parts = Parts(text)
    assert [tag for tag, _ in parts.tags] == ["div", "script"]
    version = snippet.version_of(CHOSEN, environment="preprod", kleep=KLEEP)
    assert parts.tags[0][1] == {
        "data-kleep-snippet": version,
        "data-kleep-product": "{{ product.id }}",
        "data-kleep-variant": "{{ variant.id }}",
    }
    assert carried(text) == {
        "version": version,
        "script": "https://cdn.kleep.example/kleep.js",
        "names": KLEEP.arguments,
        "values": {
            "retailer": CHOSEN.retailer_uuid,
            "category": "shoes",
            "color": "White",
            "font": "Georgia",
            "environment": "preprod",
        },
        "language": "fr",
        "country": "FR",
        "stores": {"it": {"language": "it", "country": "IT"}},
        "consent": "c:kleep",
        "button": "kleep-size-button",
        "selector": ".product-add-form",
        "where": "afterend",
        "variantField": "[name=size]",
    }


def test_a_selector_that_is_not_used_is_not_carried() -> None:
    inline = replace(CHOSEN, placement=Placement.INLINE)
    assert (carried(rendered(inline))["selector"], carried(rendered(inline))["where"]) == ("", "")


@pytest.mark.parametrize("tool", list(Cmp))
def test_each_consent_tool_has_its_hook_and_starts_nothing_else(tool: Cmp) -> None:
    text = rendered(replace(CHOSEN, cmp=tool))
    assert consent.hook(tool).strip().splitlines()[0] in text
    assert text.count("start();") + text.count("js: start") >= 1
    assert "/*" not in "".join(Parts(text).scripts)
    assert carried(text)["consent"] == consent.TOOLS[tool].key
    own = replace(CHOSEN, cmp=tool, consent_key="own-name")
    assert carried(rendered(own))["consent"] == "own-name"


def test_the_version_tells_any_change_and_nothing_else() -> None:
    def version(chosen: WidgetSettings = CHOSEN, **changed: Any) -> str:
        return snippet.version_of(chosen, **{"environment": "preprod", "kleep": KLEEP, **changed})

    assert re.fullmatch(r"1-[0-9a-f]{10}", version())
    assert version() == version()
    others = [
        version(environment="production"),
        version(replace(CHOSEN, country="IT")),
        version(replace(CHOSEN, cmp=Cmp.AXEPTIO)),
        version(replace(CHOSEN, stores=())),
        version(kleep=replace(KLEEP, script_url="https://cdn.kleep.example/2.js")),
        version(kleep=replace(KLEEP, arguments={})),
    ]
    assert len({version(), *others}) == len(others) + 1
    # What a browser check alone uses, and what is in no page.
    assert version(replace(CHOSEN, consent_button="#yes")) == version()
    assert version(kleep=replace(KLEEP, drawer_url="https://other.example")) == version()


EVIL = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["</script><script>", "<!--", "-->", "]]>", "\u2028", '"', "'", "\\", "&quot;", "${x}", "`"]
    ),
    st.text(alphabet="<>/!-&\"'\\`script\u2028\u2029\x00", max_size=60),
)


@settings(max_examples=150, deadline=None)
@given(values=st.tuples(EVIL, EVIL, EVIL, EVIL, EVIL, EVIL), slug=EVIL)
def test_no_value_leaves_the_place_it_stands_in(values: tuple[str, ...], slug: str) -> None:
    uuid, font, selector, key, category, language = values
    chosen = WidgetSettings(
        retailer_uuid=uuid,
        font=font,
        selector=selector,
        placement=Placement.BEFORE,
        consent_key=key,
        category=category,
        language=language,
        variant_field=font,
    )
    text = rendered(chosen, slug=slug)
    parts = Parts(text)
    assert [tag for tag, _ in parts.tags] == ["div", "script"]
    assert len(parts.comments) == 2
    script = "".join(parts.scripts)
    assert script.isascii()
    settings_text = script[script.rindex("})(") + 3 : script.rindex(");")]
    assert not set(settings_text) & set("<>&")
    found = carried(text)
    assert (found["values"]["retailer"], found["values"]["font"]) == (uuid, font)
    assert (found["selector"], found["language"]) == (selector, language)
    assert (found["consent"], found["values"]["category"]) == (key, category)


def test_template_languages_see_nothing_of_theirs_but_the_two_places() -> None:
    text = rendered()
    assert re.findall(r"\{\{.*?\}\}|\{%|\{#|<\?|<%", text) == [
        "{{ product.id }}",
        "{{ variant.id }}",
    ]


# --- the tag manager ---


def container(**changed: Any) -> dict[str, Any]:
    given = {"slug": "maison", "environment": "preprod", "kleep": KLEEP, **changed}
    return dict(json.loads(gtm.as_file(CHOSEN, **given)))


def test_the_container_has_one_tag_its_trigger_and_its_variables() -> None:
    version = container()["containerVersion"]
    [tag], [trigger], variables = version["tag"], version["trigger"], version["variable"]
    assert container()["exportFormatVersion"] == 2
    assert tag["type"] == "html"
    assert tag["firingTriggerId"] == [trigger["triggerId"]]
    assert trigger["customEventFilter"][0]["parameter"][1]["value"] == "view_item"
    names = {variable["name"] for variable in variables}
    text = {one["key"]: one["value"] for one in tag["parameter"]}["html"]
    assert {name.strip("{}") for name in re.findall(r"\{\{[^}]+\}\}", text)} == names
    assert text == gtm.html(CHOSEN, slug="maison", environment="preprod", kleep=KLEEP)
    ids = [variable["variableId"] for variable in variables]
    assert len(ids) == len(set(ids)) == 2
    keys = {(part["accountId"], part["containerId"]) for part in (tag, trigger, *variables)}
    assert keys == {(version["accountId"], version["containerId"])}


def test_the_container_is_the_same_for_the_same_settings() -> None:
    assert container() == container()
    assert container(environment="production") != container()
