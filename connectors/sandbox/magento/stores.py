"""The store views, websites and currencies of the simulated shops: French, English and German."""

from dataclasses import dataclass

from connectors.sandbox.magento.replies import Json

ALL = "all"  # the administration's scope, in which values have no translation
DEFAULT = "fr"


@dataclass(frozen=True)
class Store:
    """`rate`: the order currency against the website's; `prefix`: of order numbers."""

    id: int
    code: str
    name: str
    website_id: int
    group: str
    locale: str
    timezone: str
    currency: str
    rate: float
    prefix: str
    country: str

    @property
    def full_name(self) -> str:
        return f"{WEBSITES[self.website_id]['name']}\n{self.group}\n{self.name}"


_EUROPE, _GERMANY = "Boutique Europe", "Laden Deutschland"
_ROWS = (
    Store(1, "fr", "Boutique française", 1, _EUROPE, "fr_FR", "Europe/Paris", "EUR", 1, "", "FR"),
    Store(2, "en", "English shop", 1, _EUROPE, "en_GB", "Europe/London", "USD", 1.0875, "2", "GB"),
    Store(3, "de", "Deutscher Laden", 2, _GERMANY, "de_DE", "Europe/Berlin", "EUR", 1, "3", "DE"),
)
STORES = {store.id: store for store in _ROWS}
CODES = {store.code: store for store in STORES.values()}
WEBSITES: dict[int, Json] = {
    0: {"id": 0, "code": "admin", "name": "Admin", "default_group_id": 0},
    1: {"id": 1, "code": "base", "name": "Europe", "default_group_id": 1},
    2: {"id": 2, "code": "de_web", "name": "Deutschland", "default_group_id": 2},
}
_GROUPS = (
    (0, 0, 0, 0, "Default", "default"),
    (1, 1, 2, 1, _EUROPE, "main_website_store"),
    (2, 2, 2, 3, _GERMANY, "de_group"),
)
GROUPS: list[Json] = [
    {
        "id": number,
        "website_id": website,
        "root_category_id": root,
        "default_store_id": store,
        "name": name,
        "code": code,
    }
    for number, website, root, store, name, code in _GROUPS
]
# Percent of value added tax by the country of delivery, with its name in the answers.
TAXES = {"FR": 20, "GB": 20, "DE": 19, "BE": 21}
TAX_CODES = {"FR": "TVA 20 FR", "GB": "VAT 20 GB", "DE": "MwSt 19 DE", "BE": "TVA 21 BE"}


def is_store_code(code: str) -> bool:
    return code in CODES or code in (ALL, "admin")


def store_views() -> list[Json]:
    views = [_view(store) for store in STORES.values()]
    admin = {
        "id": 0,
        "code": "admin",
        "name": "Admin",
        "website_id": 0,
        "store_group_id": 0,
        "is_active": 1,
    }
    return [views[0], admin, *views[1:]]


def _view(store: Store) -> Json:
    return {
        "id": store.id,
        "code": store.code,
        "name": store.name,
        "website_id": store.website_id,
        "store_group_id": store.website_id,
        "is_active": 1,
    }


def store_config(store: Store, base_url: str) -> Json:
    """`base_url` ends with a slash."""
    addresses = {
        "base_url": base_url,
        "base_link_url": base_url,
        "base_static_url": f"{base_url}static/version1/",
        "base_media_url": f"{base_url}media/",
    }
    return {
        "id": store.id,
        "code": store.code,
        "website_id": store.website_id,
        "locale": store.locale,
        "base_currency_code": "EUR",
        "default_display_currency_code": store.currency,
        "timezone": store.timezone,
        "weight_unit": "kgs",
        **addresses,
        **{f"secure_{name}": address for name, address in addresses.items()},
    }


def currency(code: str) -> Json:
    """directory/currency in a store view; the administration sees all of them."""
    symbols, rates = {"EUR": "€", "USD": "$"}, {"EUR": 1, "USD": CODES["en"].rate}
    shown = CODES[code].currency if code in CODES else "EUR"
    available = [shown] if shown != "EUR" else ["EUR", "USD"]
    return {
        "base_currency_code": "EUR",
        "base_currency_symbol": symbols["EUR"],
        "default_display_currency_code": shown,
        "default_display_currency_symbol": symbols[shown],
        "available_currency_codes": available,
        "exchange_rates": [{"currency_to": one, "rate": rates[one]} for one in available],
    }


def tax_rates() -> list[Json]:
    return [
        {
            "id": number,
            "tax_country_id": country,
            "tax_region_id": 0,
            "tax_postcode": "*",
            "rate": rate,
            "code": TAX_CODES[country],
            "titles": [],
        }
        for number, (country, rate) in enumerate(TAXES.items(), start=1)
    ]
