"""What the simulated shop sells, who buys it and what comes back: invented, always the same for one seed."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

Record = dict[str, Any]

START = datetime(2026, 1, 5, 8, tzinfo=UTC)

LETTERS = ("XS", "S", "M", "L", "XL")
NUMBERS = ("34", "36", "38", "40", "42", "44")
SIZES = [{"id": 100 + place, "label": label} for place, label in enumerate((*LETTERS, *NUMBERS))]
DEPARTMENTS = [
    {"id": 1, "label": {"fr": "Femme > Robes", "en": "Women > Dresses"}},
    {"id": 2, "label": {"fr": "Femme > Jeans", "en": "Women > Jeans"}},
    {"id": 3, "label": {"fr": "Homme > Chemises", "en": "Men > Shirts"}},
    {"id": 4, "label": {"fr": "Fille > T-shirts", "en": "Girls > T-shirts"}},
]
COLORS = {"1": "Rouge", "2": "Bleu marine", "3": "Écru", "4": "Noir"}
GENDERS = {"1": "Femme", "2": "Homme", "3": "Fille"}
ATTRIBUTES: list[Record] = [
    {"code": "couleur", "label": "Couleur", "options": COLORS},
    {"code": "genre", "label": "Genre", "options": GENDERS},
    {"code": "matiere", "label": "Matière", "options": {}},
    {"code": "marque", "label": "Marque", "options": {}},
    {"code": "longueur", "label": "Longueur", "options": {}},
]
REASONS = [
    {"id": 1, "label": {"fr": "Trop petit", "en": "Too small"}},
    {"id": 2, "label": {"fr": "Trop grand", "en": "Too large"}},
    {"id": 3, "label": {"fr": "Ne correspond pas à la photo", "en": "Not as shown"}},
    {"id": 4, "label": "Autre"},
]
# model, department, gender, material, price, sizes
MODELS = (
    ("Robe Lin", 1, "1", "100% lin", "89.90", NUMBERS),
    ("Robe Portefeuille", 1, "1", "Viscose", "109.00", LETTERS),
    ("Jean Droit", 2, "1", "98% coton, 2% élasthanne", "79.50", NUMBERS),
    ("Chemise Oxford", 3, "2", "Coton", "65.00", LETTERS),
    ("T-shirt Rayé", 4, "3", "Coton bio", "19.95", LETTERS),
)
FIRST_NAMES = ("Camille", "Louise", "Hugo", "Inès", "Jules", "Léa", "Malik", "Zoé")
LAST_NAMES = ("Moreau", "Lefèvre", "Garnier", "Diallo", "Rousseau", "Petit")


def attributes() -> list[Record]:
    return [
        {**one, "options": [{"id": id, "label": label} for id, label in one["options"].items()]}
        for one in ATTRIBUTES
    ]


def products() -> list[Record]:
    """One product per model and colour; its variants are its sizes."""
    made: list[Record] = []
    for model, (name, department, gender, material, price, labels) in enumerate(MODELS, start=1):
        for color in list(COLORS)[: 2 + model % 3]:
            number = len(made) + 1
            made.append(
                {
                    "id": number,
                    "reference": f"R-{1000 + number}",
                    "model_reference": f"MOD-{model:03}",
                    "name": {"fr": f"{name} {COLORS[color]}", "en": f"{name} ({COLORS[color]})"},
                    "description": f"<p>{name}.</p><p>Taille normalement &amp; se lave à 30°.</p>",
                    "url": f"https://shop.example/p/{number}",
                    "images": [{"url": f"https://shop.example/i/{number}-{n}.jpg"} for n in (1, 2)],
                    "department_id": department,
                    "active": number % 7 != 0,
                    "is_new": number % 5 == 0,
                    "currency": "EUR",
                    "attributes": [
                        {"code": "couleur", "value": color},
                        {"code": "genre", "value": gender},
                        {"code": "matiere", "value": material},
                        {"code": "marque", "value": "Maison Démo"},
                        {"code": "longueur", "value": f"{90 + number} cm"},
                    ],
                    "updated_at": START + timedelta(hours=number),
                    "variants": [
                        _variant(number, place, label, price) for place, label in enumerate(labels)
                    ],
                }
            )
    return made


def _variant(product: int, place: int, label: str, price: str) -> Record:
    size = next(one["id"] for one in SIZES if one["label"] == label)
    number = product * 100 + place
    return {
        "id": number,
        "sku": f"W-{product:03}-{label}",
        "ean": f"0{370000000000 + number}",
        "size_id": size,
        "active": place != 0 or product % 3 != 0,
        "price": price,
    }


def orders(products: list[Record], count: int, rng: random.Random) -> list[Record]:
    """Every seventh with the same moment as the one before it, as an import leaves them."""
    made, at = [], START
    for number in range(1, count + 1):
        at += timedelta(0) if number % 7 == 0 else timedelta(minutes=rng.randint(1, 90))
        made.append(_order(number, at, products, rng))
    return made


def _order(number: int, at: datetime, products: list[Record], rng: random.Random) -> Record:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    status = rng.choice(["paid", "shipped", "shipped", "shipped", "cancelled"])
    return {
        "id": number,
        "reference": f"W{100000 + number}",
        "created_at": at,
        "updated_at": at + timedelta(hours=2),
        "status": status,
        "currency": "CHF" if number % 11 == 0 else "EUR",
        "store": "ch" if number % 11 == 0 else "fr",
        "customer": {
            "id": 5000 + number % 97,
            "email": f"{first}.{last}.{number % 97}@customers.example".lower(),
            "firstname": first,
            "lastname": last,
            "phone": f"+3361234{number:04}",
        },
        "billing_address": {
            "country": "CH" if number % 11 == 0 else "FR",
            "street": f"{number} rue des Lilas",
            "zip": "75011",
            "city": "Paris",
        },
        "ip": "198.51.100.7",
        "payment": {"method": "card", "last4": "4242"},
        "lines": [
            _line(number * 10 + place, status, rng.choice(products), rng)
            for place in range(1, rng.randint(1, 3) + 1)
        ],
    }


def _line(number: int, status: str, product: Record, rng: random.Random) -> Record:
    variant = rng.choice(product["variants"])
    quantity = rng.choice([1, 1, 1, 2])
    return {
        "id": number,
        "product_id": product["id"],
        "variant_id": variant["id"],
        "sku": variant["sku"],
        "quantity": quantity,
        "quantity_cancelled": quantity if status == "cancelled" else 0,
        "quantity_refunded": 0,
        "price_excl_tax": f"{float(variant['price']) / 1.2:.2f}",
    }


def returns(orders: list[Record], rng: random.Random) -> list[Record]:
    """Of every fifth order that was shipped, the first line."""
    shipped = [order for order in orders if order["status"] == "shipped"]
    return [_return(number, order, rng) for number, order in enumerate(shipped[::5], start=1)]


def _return(number: int, order: Record, rng: random.Random) -> Record:
    line, at = order["lines"][0], order["updated_at"] + timedelta(days=6)
    kept = ("product_id", "variant_id", "sku")
    return {
        "id": number,
        "order_id": order["id"],
        "created_at": at,
        "updated_at": at + timedelta(days=2),
        "status": "closed",
        "customer": order["customer"],
        "lines": [
            {
                "id": number * 10,
                "order_line_id": line["id"],
                **{name: line[name] for name in kept},
                "quantity": 1,
                "reason_id": rng.choice(REASONS)["id"],
                "comment": "",
            }
        ],
    }


def shifted(records: list[Record], by: timedelta) -> list[Record]:
    """The records with every moment moved."""
    return [
        {key: value + by if isinstance(value, datetime) else value for key, value in record.items()}
        for record in records
    ]
