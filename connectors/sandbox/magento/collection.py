"""Invents a fashion collection from a seed: garments in colours and sizes, accessories with awkward SKUs."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.sandbox.magento import attributes
from connectors.sandbox.magento.attributes import COLOR, LETTERS, NUMBERS, SIZE, Labels
from connectors.sandbox.magento.catalogue import DAYS, GONE, Moments, Product


@dataclass(frozen=True)
class Style:
    """One kind of garment: its name in each language, how it is sized, and where it hangs."""

    code: str
    names: Labels
    sizes: tuple[str, ...]
    price: int
    category: int
    gender: str


WORN = (
    Style("ROBE", {"all": "Robe", "en": "Dress", "de": "Kleid"}, NUMBERS, 8900, 5, "Women"),
    Style("CHEM", {"all": "Chemise", "en": "Shirt", "de": "Hemd"}, LETTERS, 5990, 6, "Women"),
    Style("TEE", {"all": "T-shirt", "en": "T-shirt", "de": "T-Shirt"}, LETTERS, 2495, 7, "Men"),
    Style("JEAN", {"all": "Jean", "en": "Jeans", "de": "Jeans"}, NUMBERS, 7900, 8, "Men"),
    Style("PULL", {"all": "Pull", "en": "Jumper", "de": "Pullover"}, LETTERS, 6900, 6, "Women"),
)
LINES = (
    "Alba",
    "Brume",
    "Corail",
    "Dune",
    "Estran",
    "Falaise",
    "Garrigue",
    "Houle",
    "Iroise",
    "Jusant",
)
MATERIALS = ("100% coton", "98% coton, 2% élasthanne", "100% lin", "70% laine, 30% polyamide")
# SKUs that break careless URLs: blank, slash, plus, percent sign, letters with accents, leading zeros.
ACCESSORIES = (
    ("CABAS LIN 01", "Sac cabas", "simple", 1999),
    ("ÉTOLE-01", "Étole laine & soie", "simple", 3999),
    ("GALON+01", "Ceinture", "simple", 2999),
    ("MAILLE/01", "Chaussettes", "simple", 999),
    ("FEUTRE-100%", "Feutre 100% lapin", "simple", 4999),
    ("000042", "Barrette", "simple", 799),
    ("foulard-01", "Foulard « été »", "simple", 2499),
    ("靴下-01", "Tabi", "simple", 1499),
    ("CARE-GUIDE-V", "Conseil entretien", "virtual", 1000),
)
SETS = (("OUTFIT-01", "Tenue complète", "bundle"), ("SET-01", "Accessoires assortis", "grouped"))


def products(seed: int, styles: int, anchor: datetime) -> list[Product]:
    """Variants before their parents, as they are created in a shop. The last one of all was deleted
    since: orders name it, no list does."""
    random_ = random.Random(f"{seed}:catalogue")
    made: list[Product] = []
    for number in range(1, styles + 1):
        made += _style(number, len(made) + 1, random_, anchor)
    made += _accessories(len(made) + 1, random_, anchor)
    return made


def _style(number: int, first: int, random_: random.Random, anchor: datetime) -> Iterator[Product]:
    style = WORN[(number - 1) % len(WORN)]
    line = LINES[(number - 1) // len(WORN) % len(LINES)]
    price = style.price + 100 * random_.randrange(0, 40)
    sizes = style.sizes[random_.randrange(0, 2) : random_.randrange(4, len(style.sizes)) + 1]
    base = Product(
        id=0,
        sku=f"{style.code}-{number:03}",
        kind="configurable",
        names={store: _garment(name, line, store) for store, name in style.names.items()},
        price=0,
        moments=_moments(random_, anchor),
        gender=attributes.option(attributes.GENDER, style.gender),
        brand=random_.choice(list(attributes.BRAND.options)),
        seasons=tuple(random_.sample(list(attributes.SEASON.options), 2)),
        material=random_.choice(MATERIALS),
        categories=(2, style.category) if number == 1 else (style.category,),
    )
    children: list[Product] = []
    for color in random_.sample(list(COLOR.options), 2):
        for size in sizes:
            option = attributes.option(SIZE, size)
            children.append(
                _variant(base, first + len(children), color, option, price, random_, anchor)
            )
    yield from children
    special = price * 80 // 100 if number == 1 else 0
    yield replace(
        base,
        id=first + len(children),
        children=tuple(one.id for one in children),
        special_price=special,
    )


def _variant(
    base: Product,
    number: int,
    color: int,
    size: int,
    price: int,
    random_: random.Random,
    anchor: datetime,
) -> Product:
    size_label = attributes.label(SIZE, size, "all")
    dearer = 500 if size_label in ("46", "XXL") else 0
    return replace(
        base,
        id=number,
        sku=f"{base.sku}-{attributes.label(COLOR, color, 'all')}-{size_label}",
        kind="simple",
        # A variant's own name is seldom translated: every store view shows the first one.
        names={"all": f"{base.names['all']} {attributes.label(COLOR, color, 'fr')} {size_label}"},
        price=price + dearer,
        moments=_moments(random_, anchor),
        visibility=1,
        color=color,
        size=size,
        gender=0,
        ean=f"376{base.brand:03}{number:06}0",
        material="",
        categories=(),
    )


def _accessories(first: int, random_: random.Random, anchor: datetime) -> Iterator[Product]:
    for at, (sku, name, kind, price) in enumerate(ACCESSORIES):
        yield Product(
            id=first + at,
            sku=sku,
            kind=kind,
            names={"all": name},
            price=price,
            moments=_moments(random_, anchor),
            weight=0.1,
            websites=(1,) if sku == "MAILLE/01" else (1, 2),
            categories=(9,),
        )
    bought = tuple(sku for sku, _, kind, _ in ACCESSORIES[:3] if kind == "simple")
    for at, (sku, name, kind) in enumerate(SETS, start=first + len(ACCESSORIES)):
        yield Product(
            id=at,
            sku=sku,
            kind=kind,
            names={"all": name},
            price=0,
            moments=_moments(random_, anchor),
            categories=(9,),
            extras=bought,
        )
    gone = first + len(ACCESSORIES) + len(SETS)
    yield Product(
        id=gone, sku=GONE, kind="simple", names={"all": "Bonnet"}, price=2500,
        moments=_moments(random_, anchor), status=2,
    )  # fmt: skip


def _garment(name: str, line: str, store: str) -> str:
    return f"{line} {name}" if store == "en" else f"{name} {line}"


def _moments(random_: random.Random, anchor: datetime) -> Moments:
    created = anchor - timedelta(days=DAYS + 60 - random_.random() * 60)
    updated = created + (anchor - created) * random_.random()
    return Moments(created.replace(microsecond=0), updated.replace(microsecond=0))
