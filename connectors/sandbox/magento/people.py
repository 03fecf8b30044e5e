"""Invents customers from a seed. None of them exists; the domains are reserved for examples."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.sandbox.magento.catalogue import DAYS
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.stores import STORES, Store
from connectors.sandbox.magento.tables import Columns

FIRST_NAMES = (
    "Ambre",
    "Basile",
    "Cléo",
    "Dagmar",
    "Elwin",
    "Fäy",
    "Gwenn",
    "Hülya",
    "Ilan",
    "Jørn",
)
LAST_NAMES = (
    "Abélard",
    "Birkenholz",
    "O'Dwyer",
    "de Saint-Clou",
    "Éparvier",
    "Frühling",
    "Grønvik",
)
TOWNS = {
    "FR": ("Lyon", "69002", "8 rue des Essais"),
    "BE": ("Bruxelles", "1000", "15 avenue du Modèle"),
    "GB": ("Leeds", "LS1 4AP", "21 Sample Street"),
    "DE": ("Köln", "50667", "Musterweg 3"),
}
GROUPS = ("NOT LOGGED IN", "General", "Wholesale", "Retailer")


@dataclass(frozen=True, kw_only=True)
class Person:
    id: int
    store: Store
    first_name: str
    last_name: str
    email: str
    country: str
    created_at: datetime
    updated_at: datetime
    group: int = 1
    gender: int = 0
    born: str = ""
    addresses: int = 1

    @property
    def tax_number(self) -> str:
        return f"XX{self.id:011}"


def customers(seed: int, count: int, anchor: datetime) -> list[Person]:
    random_ = random.Random(f"{seed}:people")
    return [_person(number, random_, anchor) for number in range(1, count + 1)]


def guest(number: int, random_: random.Random, store: Store, at: datetime) -> Person:
    """Somebody who ordered without an account. `id` 0."""
    return Person(
        id=0,
        store=store,
        first_name=random_.choice(FIRST_NAMES),
        last_name=random_.choice(LAST_NAMES),
        email=f"guest{number}@example.org",
        country=_country(store, random_),
        created_at=at,
        updated_at=at,
        group=0,
    )


def _person(number: int, random_: random.Random, anchor: datetime) -> Person:
    store = random_.choice(list(STORES.values()))
    created = anchor - timedelta(days=DAYS * random_.random())
    # Gender, birthday and tax number, as few customers do.
    tells = random_.random() < 0.3 or number == 1
    return Person(
        id=number,
        store=store,
        first_name=random_.choice(FIRST_NAMES),
        last_name=random_.choice(LAST_NAMES),
        # Capitals and a plus: addresses are compared without minding case.
        email="Client.001+Shop@Example.COM" if number == 1 else f"client{number:05}@example.com",
        country=_country(store, random_),
        created_at=created.replace(microsecond=0),
        updated_at=(created + (anchor - created) * random_.random()).replace(microsecond=0),
        group=random_.choice((1, 1, 1, 2, 3)),
        gender=random_.choice((1, 2)) if tells else 0,
        born=f"{random_.randrange(1955, 2006)}-{random_.randrange(1, 13):02}-17" if tells else "",
        addresses=2 if number == 1 else random_.choice((1, 1, 1, 2)),
    )


def _country(store: Store, random_: random.Random) -> str:
    return "BE" if store.country == "FR" and random_.random() < 0.1 else store.country


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def columns(person: Person) -> Columns:
    return {
        "entity_id": person.id,
        "email": person.email,
        "firstname": person.first_name,
        "lastname": person.last_name,
        "group_id": person.group,
        "store_id": person.store.id,
        "website_id": person.store.website_id,
        "created_at": moment(person.created_at),
        "updated_at": moment(person.updated_at),
        "gender": person.gender or None,
        "dob": person.born or None,
        "created_in": person.store.name,
    }


def customer_json(person: Person) -> Json:
    first = str(person.id * 2) if person.addresses else None
    body: Json = {"id": person.id, "group_id": person.group}
    if first:
        body |= {"default_billing": first, "default_shipping": first}
    body |= {
        "created_at": moment(person.created_at),
        "updated_at": moment(person.updated_at),
        "created_in": person.store.name,
    }
    if person.born:
        body["dob"] = person.born
    body |= {"email": person.email, "firstname": person.first_name, "lastname": person.last_name}
    if person.gender:
        body |= {"gender": person.gender, "taxvat": person.tax_number}
    return body | {
        "store_id": person.store.id,
        "website_id": person.store.website_id,
        "addresses": [_address(person, at) for at in range(person.addresses)],
        "disable_auto_group_change": 0,
        "extension_attributes": {"is_subscribed": False},
    }


def _address(person: Person, at: int) -> Json:
    country = person.country if at == 0 else "BE"
    city, postcode, street = TOWNS[country]
    body: Json = {
        "id": person.id * 2 + at,
        "customer_id": person.id,
        "region": {"region_code": None, "region": None, "region_id": 0},
        "region_id": 0,
        "country_id": country,
        "street": [street, "2e étage"],
        "telephone": "+33 1 99 00 00 00",
        "postcode": postcode,
        "city": city,
        "firstname": person.first_name,
        "lastname": person.last_name,
    }
    if at == 0:
        body |= {"default_shipping": True, "default_billing": True}
    return body
