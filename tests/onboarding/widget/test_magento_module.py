"""The Magento module: its files, names, classes and XML agree with each other, and its template renders."""

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from connectors import registry
from onboarding.widget import magento_module
from onboarding.widget.kleep import Kleep
from onboarding.widget.magento_module import FOLDER, Module
from onboarding.widget.settings import ButtonColor, Cmp, Placement, StoreLanguage, WidgetSettings
from tests.parts import PHP

pytestmark = pytest.mark.php

KLEEP = Kleep(
    script_url="https://cdn.kleep.example/kleep.js",
    drawer_url="https://drawer.kleep.example",
    api_url="https://api.kleep.example",
    button_id="kleep-size-button",
    arguments={"product": "product_id", "variant": "variantId", "retailer": "domain"},
)
SETTINGS = WidgetSettings(
    retailer_uuid="5b0c1f5e-6f0b-4c1c-9f5e-2d8d7b1f3a10",
    country="FR",
    stores=(
        StoreLanguage(store="maison_fr", language="fr", country="FR"),
        StoreLanguage(store="maison_it", language="it", country="IT"),
    ),
)
PERMISSIONS = ("Magento_Catalog::products", "Magento_Sales::actions_view")
CONFIGURABLE = {
    "id": 1201,
    "type": "configurable",
    "attributes": [{"id": 93, "code": "color"}, {"id": 144, "code": "size"}],
    "children": [
        {"id": 12011, "color": "50", "size": "166"},
        {"id": 12012, "color": "50", "size": "167"},
    ],
}
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def module(**options: Any) -> Module:
    given = {"slug": "maison", "environment": "preprod", "kleep": KLEEP, **options}
    return magento_module.build(given.pop("settings", SETTINGS), **given)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The module as its zip puts it into a Magento."""
    with zipfile.ZipFile(io.BytesIO(module(permissions=PERMISSIONS).as_zip())) as archive:
        archive.extractall(tmp_path)
    return tmp_path / FOLDER


def xml(folder: Path, name: str) -> Element:
    return fromstring((folder / name).read_text(encoding="utf-8"))


def defaults(root: Element, scope: str = "default") -> dict[str, str]:
    """By path, as Magento reads them."""
    found = {}
    for section in root.findall(f"{scope}/*"):
        for group in section:
            for field in group:
                found[f"{section.tag}/{group.tag}/{field.tag}"] = field.text or ""
    return found


def rendered(folder: Path, config: Mapping[str, str], product: object) -> dict[str, Any]:
    assert PHP.program
    result = subprocess.run(
        [PHP.program, str(Path(__file__).with_name("magento.php")), str(folder)],
        input=json.dumps({"config": config, "product": product}),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return dict(json.loads(result.stdout))


class Tags(HTMLParser):
    """Every tag of a piece of HTML with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


# --- the zip ---


def test_the_zip_has_the_same_bytes_each_time_and_every_file_that_magento_needs() -> None:
    first, second = module().as_zip(), module().as_zip()
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        names = {name.removeprefix(f"{FOLDER}/") for name in archive.namelist()}
    assert names == {
        "README.md",
        "ViewModel/Widget.php",
        "Model/Config/Source/ButtonColor.php",
        "Model/Config/Source/ConsentTool.php",
        "Model/Config/Source/Environment.php",
        "Model/Config/Source/Where.php",
        "composer.json",
        "etc/acl.xml",
        "etc/adminhtml/system.xml",
        "etc/config.xml",
        "etc/csp_whitelist.xml",
        "etc/module.xml",
        "i18n/fr_FR.csv",
        "registration.php",
        "view/frontend/layout/catalog_product_view.xml",
        "view/frontend/templates/widget.phtml",
        "view/frontend/web/js/kleep.js",
    }


def test_the_version_is_of_the_code_and_not_of_what_the_administration_may_set() -> None:
    version = module().version
    assert re.fullmatch(r"m1-[0-9a-f]{10}", version)
    assert module(environment="production", slug="other").version == version
    assert module(settings=replace(SETTINGS, country="IT")).version == version
    assert module(kleep=replace(KLEEP, button_id="other")).version != version
    assert module(kleep=replace(KLEEP, api_url="https://other.example")).version != version


def test_nothing_is_left_unfilled(folder: Path) -> None:
    left = {
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and re.search(r"@[A-Z]+@|/\*[A-Z]+\*/", path.read_text(encoding="utf-8"))
    }
    assert left == set()


# --- names, classes and XML agree ---


def test_the_module_is_called_the_same_everywhere(folder: Path) -> None:
    declared = xml(folder, "etc/module.xml").find("module")
    assert declared is not None
    assert declared.get("name") == "Kleep_SizeButton"
    registered = rendered(folder, {}, None)["registered"]
    assert registered == [["module", "Kleep_SizeButton", str(folder)]]
    composer = json.loads((folder / "composer.json").read_text())
    assert composer["type"] == "magento2-module"
    assert composer["autoload"] == {
        "files": ["registration.php"],
        "psr-4": {"Kleep\\SizeButton\\": ""},
    }
    needed = {one.get("name", "") for one in declared.iter("module")} - {"Kleep_SizeButton"}
    required = {name for name in composer["require"] if name.startswith("magento/module-")}
    spelt = {
        "magento/module-" + re.sub(r"(?<!^)([A-Z])", r"-\1", name[len("Magento_") :]).lower()
        for name in needed
    }
    assert spelt == required


def test_every_class_that_xml_names_is_a_file_in_its_namespace(folder: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.xml")]
    classes = {name for text in texts for name in re.findall(r"Kleep\\SizeButton\\[\w\\]+", text)}
    assert len(classes) == 5
    for name in classes:
        path = folder / (name.removeprefix("Kleep\\SizeButton\\").replace("\\", "/") + ".php")
        namespace, _, short = name.rpartition("\\")
        source = path.read_text(encoding="utf-8")
        assert f"namespace {namespace};" in source
        assert re.search(rf"^class {short} implements ", source, re.MULTILINE)


def test_the_layout_puts_one_cacheable_block_on_product_pages_alone(folder: Path) -> None:
    layouts = [path.name for path in (folder / "view/frontend/layout").iterdir()]
    assert layouts == ["catalog_product_view.xml"]
    root = xml(folder, "view/frontend/layout/catalog_product_view.xml")
    container = root.find("body/referenceContainer")
    assert container is not None
    assert container.get("name") == "product.info.main"
    block = container.find("block")
    assert block is not None
    assert block.get("class") == "Magento\\Catalog\\Block\\Product\\View"
    assert block.get("cacheable") is None
    assert block.get("ifconfig") == "kleep_size_button/general/enabled"
    assert block.get("ifconfig") in defaults(xml(folder, "etc/config.xml"))
    owner, _, template = block.get("template", "").partition("::")
    assert owner == "Kleep_SizeButton"
    assert (folder / "view/frontend/templates" / template).exists()
    argument = block.find("arguments/argument")
    assert argument is not None
    assert (argument.get("name"), argument.get(f"{XSI}type")) == ("view_model", "object")
    assert argument.text == "Kleep\\SizeButton\\ViewModel\\Widget"


def test_settings_have_a_field_a_default_and_a_right_and_are_read(folder: Path) -> None:
    system = xml(folder, "etc/adminhtml/system.xml")
    fields = {
        f"{section.get('id')}/{group.get('id')}/{field.get('id')}": field
        for section in system.iter("section")
        for group in section.iter("group")
        for field in group.iter("field")
    }
    values = defaults(xml(folder, "etc/config.xml"))
    assert set(fields) == set(values)
    for field in (*fields.values(), *system.iter("group"), *system.iter("section")):
        shown = [field.get(f"showIn{scope}") for scope in ("Default", "Website", "Store")]
        assert shown == ["1", "1", "1"], field.get("id")
    resource = system.findtext("system/section/resource")
    granted = {one.get("id") for one in xml(folder, "etc/acl.xml").iter("resource")}
    assert resource in granted
    read = set(re.findall(r"setting\('(\w+/\w+)'\)", (folder / "ViewModel/Widget.php").read_text()))
    assert {f"kleep_size_button/{path}" for path in read} | {
        "kleep_size_button/general/enabled"
    } == set(values)


def test_every_default_of_a_list_is_one_of_its_options(folder: Path) -> None:
    values = defaults(xml(folder, "etc/config.xml"))
    options = rendered(folder, {}, None)["options"]
    assert options["ConsentTool"] == [str(tool) for tool in Cmp]
    assert options["ButtonColor"] == [str(color) for color in ButtonColor]
    assert values["kleep_size_button/general/environment"] in options["Environment"]
    assert values["kleep_size_button/button/where"] in options["Where"]


def test_store_views_have_their_own_language_and_country(folder: Path) -> None:
    root = xml(folder, "etc/config.xml")
    assert defaults(root, "stores/maison_it") == {
        "kleep_size_button/button/language": "it",
        "kleep_size_button/button/country": "IT",
    }


def test_in_production_the_button_waits_until_it_is_switched_on() -> None:
    for environment, enabled in (("preprod", "1"), ("production", "0")):
        root = fromstring(module(environment=environment).files["etc/config.xml"])
        values = defaults(root)
        assert values["kleep_size_button/general/enabled"] == enabled
        assert values["kleep_size_button/general/environment"] == environment


def test_the_policy_allows_what_kleep_needs_and_nothing_else(folder: Path) -> None:
    root = xml(folder, "etc/csp_whitelist.xml")
    allowed = {}
    for policy in root.findall("policies/policy"):
        values = policy.findall("values/value")
        assert {value.get("type") for value in values} == {"host"}
        assert len({value.get("id") for value in values}) == len(values)
        allowed[policy.get("id")] = [value.text for value in values]
    assert allowed == {
        "script-src": ["cdn.kleep.example"],
        "connect-src": ["api.kleep.example", "cdn.kleep.example"],
        "frame-src": ["drawer.kleep.example"],
        "style-src": ["cdn.kleep.example"],
        "font-src": ["cdn.kleep.example"],
        "img-src": ["cdn.kleep.example"],
    }


def test_every_xml_names_the_schema_of_its_kind(folder: Path) -> None:
    schemas = {
        path.relative_to(folder).as_posix(): fromstring(path.read_text(encoding="utf-8")).get(
            f"{XSI}noNamespaceSchemaLocation"
        )
        for path in folder.rglob("*.xml")
    }
    assert schemas == {
        "etc/acl.xml": "urn:magento:framework:Acl/etc/acl.xsd",
        "etc/adminhtml/system.xml": "urn:magento:module:Magento_Config:etc/system_file.xsd",
        "etc/config.xml": "urn:magento:module:Magento_Store:etc/config.xsd",
        "etc/csp_whitelist.xml": "urn:magento:module:Magento_Csp:etc/csp_whitelist.xsd",
        "etc/integration.xml": "urn:magento:module:Magento_Integration:etc/integration/integration.xsd",
        "etc/module.xml": "urn:magento:framework:Module/etc/module.xsd",
        "view/frontend/layout/catalog_product_view.xml": (
            "urn:magento:framework:View/Layout/etc/page_configuration.xsd"
        ),
    }


def test_the_integration_asks_for_what_the_connector_reads() -> None:
    wanted = magento_module.permissions()
    resources = registry.platforms()["magento"].resources
    named = {one.permission.id for one in resources if one.permission}
    read = {part.strip() for ids in named for part in ids.split(",")}
    assert set(wanted) == read - {"Magento_Backend::admin"}
    assert "Magento_Sales::actions_view" in wanted
    root = fromstring(module(permissions=wanted).files["etc/integration.xml"])
    declared = root.find("integration")
    assert declared is not None
    assert declared.get("name") == "Kleep"
    assert declared.findtext("email")
    assert [one.get("name") for one in declared.findall("resources/resource")] == list(wanted)
    assert "etc/integration.xml" not in module().files


def test_the_french_texts_are_of_labels_that_exist(folder: Path) -> None:
    lines = (folder / "i18n/fr_FR.csv").read_text(encoding="utf-8").splitlines()
    english = [re.fullmatch(r'"([^"]+)","([^"]+)"', line) for line in lines]
    known = {found[1] for found in english if found}
    assert len(known) == len(lines)
    texts = {
        element.text
        for element in xml(folder, "etc/adminhtml/system.xml").iter()
        if element.tag in ("label", "comment")
    }
    for path in (folder / "Model").rglob("*.php"):
        texts |= set(re.findall(r"__\('([^']+)'\)", path.read_text(encoding="utf-8")))
    assert known == texts


@pytest.mark.parametrize("suffix", ["php", "phtml"])
def test_php_accepts_every_file(folder: Path, suffix: str) -> None:
    assert PHP.program
    paths = list(folder.rglob(f"*.{suffix}"))
    assert paths
    for path in paths:
        command = [PHP.program, "-l", str(path)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout
        assert "declare(strict_types=1);" in path.read_text(encoding="utf-8")


# --- what it renders ---


def config(folder: Path, **changed: str) -> dict[str, str]:
    values = defaults(xml(folder, "etc/config.xml"))
    values |= {"general/locale/code": "fr_FR", "general/country/default": "FR"}
    return values | {f"kleep_size_button/{path}": value for path, value in changed.items()}


def place(html: str) -> dict[str, Any]:
    """The attributes of the button's place, and the script's address."""
    tags = Tags(html).found
    assert [tag for tag, _ in tags] == ["div", "script"]
    return {**tags[0][1], "src": tags[1][1]["src"]}


def test_a_configurable_product_tells_the_option_of_each_variant(folder: Path) -> None:
    html = rendered(folder, config(folder), CONFIGURABLE)["html"]
    found = place(html)
    assert found["data-kleep-product"] == "1201"
    assert found["data-kleep-variant"] == ""
    assert json.loads(found["data-kleep-variants"]) == {
        "12011": {"93": "50", "144": "166"},
        "12012": {"93": "50", "144": "167"},
    }
    assert found["src"] == "/static/Kleep_SizeButton/js/kleep.js"
    settings = json.loads(found["data-kleep-settings"])
    built = module(permissions=PERMISSIONS)
    assert settings["version"] == found["data-kleep-snippet"] == built.version
    assert settings["values"] == {
        "retailer": SETTINGS.retailer_uuid,
        "category": "clothing",
        "color": "Black",
        "font": "",
        "environment": "preprod",
    }
    assert (settings["language"], settings["country"]) == ("fr", "FR")
    assert settings["names"] == KLEEP.arguments
    assert settings["tool"] == "callback"
    assert settings["stores"] == {}


def test_a_simple_product_is_its_own_variant(folder: Path) -> None:
    found = place(rendered(folder, config(folder), {"id": 77})["html"])
    assert (found["data-kleep-product"], found["data-kleep-variant"]) == ("77", "77")
    assert json.loads(found["data-kleep-variants"]) == {}


@pytest.mark.parametrize("empty", ["general/retailer_uuid", "general/script_url"])
def test_without_the_essentials_nothing_is_rendered(folder: Path, empty: str) -> None:
    assert rendered(folder, config(folder, **{empty: " "}), CONFIGURABLE)["html"] == ""


def test_without_a_product_nothing_is_rendered(folder: Path) -> None:
    assert rendered(folder, config(folder), None)["html"] == ""


def test_no_setting_leaves_its_attribute(folder: Path) -> None:
    evil = "\"></div><script>alert(1)</script>' & <!--"
    names = ("general/retailer_uuid", "general/script_url", "button/font", "consent/key")
    values = config(folder, **dict.fromkeys(names, evil))
    product = {**CONFIGURABLE, "children": [{"id": 5, "color": evil, "size": evil}]}
    html = rendered(folder, values, product)["html"]
    found = place(html)
    assert json.loads(found["data-kleep-settings"])["values"]["font"] == evil
    assert json.loads(found["data-kleep-variants"])["5"] == {"93": evil, "144": evil}
    assert "alert(1)" not in html


def test_brazilian_portuguese_has_kleeps_own_code(folder: Path) -> None:
    values = config(folder) | {"general/locale/code": "pt_BR"}
    settings = json.loads(
        place(rendered(folder, values, CONFIGURABLE)["html"])["data-kleep-settings"]
    )
    assert settings["language"] == "br"


def test_a_quote_in_a_name_of_kleep_stays_in_its_string(tmp_path: Path) -> None:
    evil = replace(KLEEP, button_id="it's \\", arguments={"product": "it's \\ <b>"})
    built = module(kleep=evil, settings=replace(SETTINGS, placement=Placement.AFTER, selector="#a"))
    for name, content in built.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    settings = json.loads(
        place(rendered(tmp_path, config(tmp_path), CONFIGURABLE)["html"])["data-kleep-settings"]
    )
    assert settings["button"] == "it's \\"
    assert settings["names"] == {"product": "it's \\ <b>"}
    assert (settings["selector"], settings["where"]) == ("#a", "afterend")
