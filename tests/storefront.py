"""The sandbox's storefront with its stand-in of Kleep, and what a shop pastes into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from connectors.sandbox.server import serve
from connectors.sandbox.storefront.shop import Storefront
from connectors.sandbox.storefront.standin import StandIn
from onboarding.widget import snippet
from onboarding.widget.kleep import Kleep
from onboarding.widget.settings import WidgetSettings

SETTINGS = WidgetSettings(
    retailer_uuid="5b0c1f5e-6f0b-4c1c-9f5e-2d8d7b1f3a10",
    language="en",
    country="FR",
    variant_field="[name=variant], [name=selected_configurable_option]",
    consent_button="#consent-accept",
)
PRODUCT = "linen-dress"


@dataclass
class Site:
    """A storefront that is served. `settings`: what its shop chose; its pages follow."""

    shop: Storefront
    standin: StandIn
    url: str
    kleep: Kleep
    settings: WidgetSettings = SETTINGS

    def page(self, kind: str) -> str:
        return f"{self.url}/products/{kind}/{PRODUCT}"

    def snippet(self) -> str:
        return snippet.render(self.settings, slug="maison", environment="preprod", kleep=self.kleep)


@contextmanager
def storefront(*, slow_seconds: float = 6.0) -> Iterator[Site]:
    standin = StandIn(slow_seconds=slow_seconds)
    with serve(standin) as kleep_address:
        kleep = replace(
            Kleep.configured(),
            script_url=f"{kleep_address.url}/kleep.js",
            drawer_url=f"{kleep_address.url}/drawer",
            api_url=f"{kleep_address.url}/api",
        )
        shop = Storefront(kleep=kleep.script_url, snippet=lambda: site.snippet())
        with serve(shop) as address:
            site = Site(shop, standin, address.url, kleep)
            yield site
