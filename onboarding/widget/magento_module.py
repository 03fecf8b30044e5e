"""The Magento module of a shop as a zip: the same bytes for the same settings.

Its files lie in assets/magento/; what depends on the shop is made here. The version in it is a checksum of
its code, so that a page tells which build it runs.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from connectors import registry
from onboarding.widget import consent, snippet
from onboarding.widget.kleep import Kleep, origin
from onboarding.widget.magento_xml import config, csp_whitelist, integration
from onboarding.widget.settings import WidgetSettings

FOLDER = "app/code/Kleep/SizeButton"
ASSETS = Path(__file__).parent / "assets" / "magento"
SCRIPT = "view/frontend/web/js/kleep.js"
VIEW_MODEL = "ViewModel/Widget.php"
NOT_CODE = ("etc/config.xml", "etc/integration.xml", "README.md")
OLDEST = (1980, 1, 1, 0, 0, 0)  # that a zip can hold
REGULAR_FILE = 0o100644 << 16
UNIX = 3
# Of Magento's tree of permissions: it comes with every other one, and alone it would grant everything.
ROOT = "Magento_Backend::admin"
INTEGRATION_NOTE = """
`setup:upgrade` also creates the integration "Kleep" with the permissions that Kleep needs to read your
catalogue and orders. Activate it in System > Extensions > Integrations and enter its four keys in Kleep's
portal.
"""


@dataclass(frozen=True, kw_only=True)
class Module:
    """`files`: by their path below the module's folder."""

    version: str
    files: Mapping[str, bytes]

    def as_zip(self) -> bytes:
        """Stored, not compressed: other releases of zlib would give other bytes."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(self.files):
                info = zipfile.ZipInfo(f"{FOLDER}/{name}", OLDEST)
                info.external_attr, info.create_system = REGULAR_FILE, UNIX
                archive.writestr(info, self.files[name])
        return buffer.getvalue()


def build(
    settings: WidgetSettings,
    *,
    slug: str,
    environment: str,
    kleep: Kleep,
    permissions: tuple[str, ...] = (),
) -> Module:
    """`permissions`: declare an integration with these in it; none: no integration is declared."""
    files = _fixed() | {
        "etc/config.xml": config(settings, kleep, environment),
        "etc/csp_whitelist.xml": csp_whitelist(_hosts(kleep)),
        SCRIPT: _script(),
    }
    if permissions:
        files["etc/integration.xml"] = integration(permissions)
    tokens = {
        "SHOP": slug,
        "ENVIRONMENT": environment,
        "NAMES": _in_php(json.dumps(dict(kleep.arguments), sort_keys=True)),
        "BUTTON": _in_php(kleep.button_id),
        "INTEGRATION": INTEGRATION_NOTE if permissions else "",
    }
    filled = {name: _fill(text, tokens) for name, text in files.items()}
    version = _version(filled)
    whole = {name: _fill(text, {"VERSION": version}).encode() for name, text in filled.items()}
    return Module(version=version, files=whole)


def commands(section: str) -> str:
    """The commands of a section of the module's README, which is where they are written."""
    text = (ASSETS / "README.md").read_text(encoding="utf-8").partition(f"## {section}\n")[2]
    lines = text.partition("\n## ")[0].splitlines()
    return "\n".join(line.strip() for line in lines if line.startswith("    "))


def permissions() -> tuple[str, ...]:
    """What Kleep reads through Magento's API, as the connector declares it."""
    resources = registry.platforms()["magento"].resources
    asked = [resource.permission.id for resource in resources if resource.permission]
    named = [part.strip() for ids in asked for part in ids.split(",")]
    return tuple(dict.fromkeys(name for name in named if name != ROOT))


def _fixed() -> dict[str, str]:
    return {
        path.relative_to(ASSETS).as_posix(): path.read_text(encoding="utf-8")
        for path in ASSETS.rglob("*")
        if path.is_file() and path.name != "variant.js"
    }


def _fill(text: str, tokens: Mapping[str, str]) -> str:
    for name, value in tokens.items():
        text = text.replace(f"@{name}@", value)
    return text


def _version(files: Mapping[str, str]) -> str:
    """Of the code: what the administration may set differently is not part of it."""
    code = {name: text for name, text in files.items() if name not in NOT_CODE}
    content = json.dumps(code, sort_keys=True).encode()
    return f"m{snippet.VERSION}-{hashlib.sha256(content).hexdigest()[:10]}"


def _in_php(text: str) -> str:
    """For a string in single quotes."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _hosts(kleep: Kleep) -> dict[str, tuple[str, ...]]:
    """What Kleep needs of each directive. https hosts are named without their scheme, as Magento does."""
    script, api, drawer = (
        _host(url) for url in (kleep.script_url, kleep.api_url, kleep.drawer_url)
    )
    return {
        "script-src": (script,),
        "connect-src": tuple(dict.fromkeys((api, script))),
        "frame-src": (drawer,),
        "style-src": (script,),
        "font-src": (script,),
        "img-src": (script,),
    }


def _host(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc if parts.scheme == "https" else origin(url)


def _script() -> str:
    """The snippet's own script, with every consent tool in it, since each store view may have another."""
    hooks = ",\n".join(
        f'    "{tool}": function () {{\n      {snippet.indented(consent.hook(tool), 6)}\n    }}'
        for tool in consent.TOOLS
    )
    text = (snippet.ASSETS / "snippet.js").read_text(encoding="utf-8")
    variant = (ASSETS / "variant.js").read_text(encoding="utf-8")
    place = 'document.querySelector("[data-kleep-settings]").getAttribute("data-kleep-settings")'
    return (
        text.replace("/*VARIANT*/", snippet.indented(variant, 4))
        .replace("/*CONSENT*/", f"var hooks = {{\n{hooks}\n  }};\n  hooks[kleep.tool]();")
        .replace("/*SETTINGS*/", f"JSON.parse({place})")
    )
