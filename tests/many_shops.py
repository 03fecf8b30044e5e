"""A portal with many shops, in all phases, as it is after a year: the same ones for the same numbers.

Rows are written past the services, which do one thing at a time, and carry the dates of that year. What the
pages compute of a shop agrees with where it is said to stand.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from connectors import registry
from connectors.datasets import LANGUAGES
from connectors.models import (
    TABLES,
    Check,
    CheckLine,
    Circuit,
    Connection,
    Cursor,
    ProductLink,
    PullRun,
    ReceivedFile,
)
from onboarding import standing
from onboarding.browser import fingerprint
from onboarding.browser.lines import Item
from onboarding.events import SENTENCES
from onboarding.models import (
    Decision,
    Event,
    HandOff,
    Mail,
    Membership,
    Merchant,
    Note,
    PageLook,
    PageRun,
    ProductConfiguration,
    ProductPage,
    Shop,
    StaffRole,
    Standing,
    Tick,
    User,
)
from onboarding.phases import Party
from onboarding.services import looking
from onboarding.signed_lines import SIGNED
from onboarding.widget.settings import WidgetSettings

AT_ONCE = 500  # shops that are held in memory
YEAR = timedelta(days=365)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLATFORMS, PLATFORM_WEIGHTS = ("magento", "wshop"), (75, 25)
WORDS = (
    "Maison",
    "Atelier",
    "Studio",
    "Galerie",
    "Nord",
    "Rive",
    "Belle",
    "Petit",
    "Grand",
    "Clair",
)
CITIES = ("Paris", "Lyon", "Milano", "Berlin", "Madrid", "Porto", "Gent", "Lille", "Wien", "Oslo")
SIZES = ("34", "36", "38", "40", "42", "44")
LINES = [{"item": item.value, "status": "passed"} for item in Item]
PRINT = "f" * 64


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a shop stands, and of how many among a hundred that is true."""

    weight: int
    phase: str
    task: str
    state: str
    party: str

    @property
    def rank(self) -> int:
        if not self.party:
            return standing.DONE
        if self.state == "problem":
            is_ours = self.party == Party.KLEEP
            return standing.PROBLEM_OF_KLEEP if is_ours else standing.PROBLEM
        return standing.RANKS[Party(self.party)]


# In the order of the way: whoever stands at one has what those before it ask for.
PLACES = (
    Place(weight=5, phase="access", task="access", state="incomplete", party="merchant"),
    Place(weight=3, phase="access", task="access", state="incomplete", party="agency"),
    Place(weight=7, phase="access", task="check", state="problem", party="merchant"),
    Place(
        weight=5, phase="configuration", task="configuration", state="incomplete", party="merchant"
    ),
    Place(weight=6, phase="configuration", task="configuration", state="incomplete", party="kleep"),
    Place(weight=14, phase="widget", task="widget", state="incomplete", party="merchant"),
    Place(weight=12, phase="golive", task="validate", state="incomplete", party="merchant"),
    Place(weight=8, phase="golive", task="validate", state="incomplete", party="kleep"),
    Place(weight=40, phase="", task="", state="", party=""),
)
HANDED, CHECKED, PULLING, ASKED, BUTTON, LOOKED, CONFIRMED, LIVE = range(1, 9)
WEIGHTS = [place.weight for place in PLACES]


# What is pointed to before what points to it.
ORDER: tuple[type[models.Model], ...] = (
    Connection, Circuit, Check, CheckLine, Cursor, PullRun, ReceivedFile, Shop, Standing, Event, Note,
    HandOff, Mail, ProductConfiguration, ProductPage, PageLook, PageRun, Tick, Decision, ProductLink,
    *TABLES.values(),
)  # fmt: skip


class _Batch:
    """Rows to be written."""

    def __init__(self) -> None:
        self.rows: dict[type[models.Model], list[Any]] = {model: [] for model in ORDER}

    def add(self, row: Any) -> Any:
        self.rows[type(row)].append(row)
        return row

    def write(self) -> None:
        for model, rows in self.rows.items():
            model._base_manager.bulk_create(rows, batch_size=AT_ONCE)
            rows.clear()


def fill(count: int, *, runs: int = 2, events: int = 12) -> None:
    """So many shops more. `runs`: of each cursor; `events`: of each shop."""
    first = Shop.objects.count()
    staff = [_person(f"staff{n}@kleep.example", is_staff=True) for n in range(6)]
    merchants = _merchants(first, count)
    numbers = iter(range(first, first + count))
    with _own_dates():
        while some := list(islice(numbers, AT_ONCE)):
            with transaction.atomic():
                batch = _Batch()
                for number in some:
                    _Filler(batch, number, merchants[number % len(merchants)], staff).fill(
                        runs, events
                    )
                batch.write()


def deepen(shop: Shop, *, days: int, lines: int) -> None:
    """So many days of history more for one shop: runs every hour, looks and files every day; and orders."""
    now = timezone.now()
    with _own_dates(), transaction.atomic():
        batch = _Batch()
        for number in range(1, days + 1):
            at = now - number * DAY
            for page in shop.product_pages.all():
                if number < looking.KEPT:
                    batch.add(look(page, at))
                batch.add(page_run(page, at))
            for position in range(8):
                batch.add(event(shop, at, "pages_looked_at", (1 << 41) + number * 8 + position))
            if shop.connection is not None:
                batch.add(file(shop, at, shop.connection))
        for cursor in Cursor.objects.filter(connection=shop.connection):
            newest = cursor.position_at or now
            for number in range(1, days * 24 + 1):
                batch.add(run(cursor, newest - number * HOUR - DAY))
        if shop.connection is not None:
            _rows(batch, shop.connection, lines, now)
        batch.write()


def _rows(batch: _Batch, connection: Connection, lines: int, now: datetime) -> None:
    """Orders and what they are of: a tenth as many variants, a fifth as many returns."""
    chance = random.Random(lines)
    common: dict[str, Any] = {"connection": connection, "seen_at": now, "remote_updated_at": now}
    products = max(lines // 10 // len(SIZES), 1)
    for product in map(str, range(products)):
        named = {
            "title": f"Robe {product}",
            "url": f"https://shop.example/{product}",
            "gender": "women",
        }
        mine = {
            "product_id": f"p{product}",
            **named,
            "category": ["Robes"],
            "images": ["a.jpg", "b.jpg"],
        }
        batch.add(TABLES["products"](**common, **mine, variant_id=f"p{product}", is_parent=True))
        for size in SIZES:
            variant = f"p{product}-{size}"
            batch.add(
                TABLES["products"](
                    **common, **mine | {"product_id": variant},
                    variant_id=variant, sku=variant, size_label=size, is_parent=False,
                )
            )  # fmt: skip
            link = {"product_id": f"p{product}", "variant_id": variant}
            batch.add(ProductLink(connection=connection, **link))
    for number in range(lines):
        product, size = chance.randrange(products), chance.choice(SIZES)
        bought = {"order_id": f"o{number // 2}", "variant_id": f"p{product}-{size}", "quantity": 1}
        sold = {"order_date": now - YEAR * chance.random(), "price": 79, "currency": "EUR"}
        bought |= {
            "product_id": bought["variant_id"],
            "sku": bought["variant_id"],
            "size_label": size,
        }
        batch.add(TABLES["orders"](**common, **bought, **sold, line_id=f"l{number}"))
        if number % 5 == 0:
            back = {
                "return_id": f"r{number}",
                "line_id": f"r{number}",
                "order_line_id": f"l{number}",
            }
            why = {"reason_code": "22", "reason_label": "Too small", "return_date": now}
            batch.add(TABLES["returns"](**common, **bought, **back, **why))


def _merchants(first: int, count: int) -> list[Merchant]:
    """One for every other shop or so, each with an owner and some with more people."""
    chance = random.Random(first)
    found = [
        Merchant(name=f"{chance.choice(WORDS)} {chance.choice(CITIES)} {first + n}")
        for n in range(max(count * 2 // 5, 1))
    ]
    Merchant.objects.bulk_create(found)
    people, places = [], []
    for number, merchant in enumerate(found):
        for role in list(Membership.Role)[: chance.choice((1, 1, 2, 3))]:
            person = User(email=f"{role}{first + number}@shops.example", name=f"{role} {number}")
            person.set_unusable_password()
            people.append(person)
            places.append(Membership(user=person, merchant=merchant, role=role))
    User.objects.bulk_create(people, batch_size=AT_ONCE)
    Membership.objects.bulk_create(places, batch_size=AT_ONCE)
    return found


def _person(email: str, **values: Any) -> User:
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, staff_role=StaffRole.MANAGER, **values)


@contextmanager
def _own_dates() -> Iterator[None]:
    """Rows keep the dates that they are made with, instead of being of today."""
    models_with_dates = (
        Shop,
        Check,
        PullRun,
        ReceivedFile,
        HandOff,
        PageRun,
        PageLook,
        Tick,
        Decision,
    )
    fields = [
        field
        for model in (*models_with_dates, Mail)
        for field in model._meta.concrete_fields
        if getattr(field, "auto_now_add", False)
    ]
    for one in fields:
        one.auto_now_add = False
    try:
        yield
    finally:
        for one in fields:
            one.auto_now_add = True


class _Filler:
    """Everything of one shop."""

    def __init__(self, batch: _Batch, number: int, merchant: Merchant, staff: list[User]) -> None:
        self.batch, self.merchant = batch, merchant
        self.chance = random.Random(number)
        self.now = timezone.now()
        self.began = self.now - YEAR * self.chance.random() - DAY
        self.at = self.chance.choices(range(len(PLACES)), WEIGHTS)[0]
        self.platform = self.chance.choices(PLATFORMS, PLATFORM_WEIGHTS)[0]
        self.is_broken = self.at > CHECKED and self.chance.random() < 0.03
        self.is_stale = self.at > PULLING and self.chance.random() < 0.04
        self.staff, self.owner = staff, self.chance.choice([*staff, None])
        self.connection = self._connection() if self.at >= CHECKED else None
        self.shop = self._shop(number)

    def fill(self, runs: int, events: int) -> None:
        self._standing()
        if self.connection is not None:
            self._checks(self.connection)
        if self.connection is not None and self.at >= PULLING:
            self._reading(self.connection, runs)
        if self.at >= ASKED:
            unknown = ["size"] if self.at == ASKED else []
            answers = ProductConfiguration(shop=self.shop, unknown=unknown)
            self.batch.add(answers)
        if self.at >= LOOKED:
            self._pages()
        self._talk(events)

    def moment(self) -> datetime:
        """Some time between the beginning and now."""
        return self.began + (self.now - self.began) * self.chance.random()

    def _shop(self, number: int) -> Shop:
        name = f"{self.chance.choice(WORDS)} {self.chance.choice(CITIES)}"
        widget = WidgetSettings(retailer_uuid=str(self.merchant.pk), country="FR").stored()
        shop = Shop(
            merchant=self.merchant,
            name=f"{name} {number}",
            slug=slug(number),
            environment="production" if self.at == LIVE else "preprod",
            storefront_url=f"https://shop{number}.example",
            connection=self.connection,
            platform=self.platform if self.at else "",
            widget=widget if self.at > BUTTON else {},
            languages=self.chance.sample(LANGUAGES, self.chance.choice((1, 1, 2, 3))),
            owner=self.owner,
            created_at=self.began,
        )
        return self.batch.add(shop)  # type: ignore[no-any-return]

    def _standing(self) -> None:
        place = PLACES[self.at]
        self.batch.add(
            Standing(
                shop=self.shop,
                phase=place.phase,
                task=place.task,
                state=place.state,
                party=place.party,
                rank=place.rank,
                since=self.moment(),
                platform=self.shop.platform,
                is_broken=self.is_broken,
                is_stale=self.is_stale,
                is_live=self.at == LIVE,
                computed_at=self.now - HOUR * self.chance.random(),
            )
        )

    def _connection(self) -> Connection:
        found: Connection = self.batch.add(
            Connection(
                tenant=self.merchant.pk,
                platform=self.platform,
                config={"url": "https://shop.example", "stores": [], "type": "V1"},
                sealed="x" * 600,
                secrets_set_at=self.began,
                secrets_set_by="somebody@shops.example",
                health=Connection.Health.WORKING,
                proved_at=self.now - HOUR,
            )
        )
        opened = self.now - DAY if self.is_broken else None
        self.batch.add(Circuit(connection=found, opened_at=opened, failing_since=opened))
        return found

    def _checks(self, connection: Connection) -> None:
        for at in sorted(self.moment() for _ in range(2)):
            check = Check(
                connection=connection, started_at=at, finished_at=at + timedelta(seconds=9)
            )
            self.batch.add(check)
            for resource in registry.connector_of(self.platform).resources:
                is_refused = resource.required and self.at == CHECKED
                status = "missing_permission" if is_refused else "ready"
                line = CheckLine(check_run=check, resource=resource.name, status=status, count=900)
                self.batch.add(line)

    def _reading(self, connection: Connection, runs: int) -> None:
        newest = self.now - (3 * DAY if self.is_stale else HOUR * self.chance.random())
        for resource in pulled(self.platform):
            cursor = Cursor(
                connection=connection,
                resource=resource,
                position_at=newest,
                due_at=self.now + DAY,
            )
            self.batch.add(cursor)
            for number in reversed(range(runs)):
                self.batch.add(run(cursor, newest - number * HOUR))
        common = {"connection": connection, "remote_updated_at": newest, "seen_at": newest}
        for number in range(3):
            known = {"product_id": "1", "variant_id": f"1-{number}", "size_label": SIZES[number]}
            self.batch.add(TABLES["products"](**common, **known, is_parent=False))
            sold = {"order_id": f"{number}", "line_id": f"{number}", "order_date": self.moment()}
            self.batch.add(TABLES["orders"](**common, **known, **sold))

    def _pages(self) -> None:
        for environment in ("preprod", "production") if self.at == LIVE else ("preprod",):
            looked: dict[str, str] = {}
            newest = None
            for number in range(2):
                url = f"{self.shop.storefront_url}/{environment}/{number}"
                page = ProductPage(shop=self.shop, environment=environment, url=url)
                self.batch.add(page)
                self.batch.add(look(page, self.now - HOUR))
                newest = self.batch.add(page_run(page, self.now - HOUR))
                looked[url] = PRINT
            if self.at > LOOKED:
                self._signed(environment, fingerprint.of_pages(looked), newest)
        kinds = {CONFIRMED: ["confirmed"], LIVE: ["confirmed", "approved", "verified"]}
        for kind in kinds.get(self.at, []):
            made = Decision(
                shop=self.shop, kind=kind, at=self.now, fingerprint=fingerprint.of_pages(looked)
            )
            self.batch.add(made)

    def _signed(self, environment: str, seen: str, newest: PageRun | None) -> None:
        for one in SIGNED:
            signed = {"fingerprint": seen, "run": newest, "at": self.now}
            self.batch.add(Tick(shop=self.shop, environment=environment, item=one.key, **signed))

    def _talk(self, events: int) -> None:
        """What happened, what was written, what was sent."""
        kinds = list(SENTENCES)
        for at in sorted(self.moment() for _ in range(events)):
            self.batch.add(
                event(self.shop, at, self.chance.choice(kinds), self.chance.randrange(1 << 40))
            )
        for _ in range(self.chance.randrange(3)):
            self.batch.add(
                Note(shop=self.shop, author=self.owner, text="Called; they ask their agency.")
            )
        # Whoever stands there has handed on all that is theirs to do.
        handed = ("access", "widget") if self.at == HANDED else ("files",)
        if self.at == HANDED or self.chance.random() < 0.2:
            until = self.now + (DAY if self.at == HANDED else -DAY)
            link = {"email": "dev@agency.example", "created_at": self.began, "expires_at": until}
            for task in handed:
                self.batch.add(HandOff(shop=self.shop, task=task, **link))
        for _ in range(3):
            sent = {"to": "owner@shops.example", "language": "fr", "sent_at": self.moment()}
            self.batch.add(Mail(kind="task_waiting", shop=self.shop, created_at=self.began, **sent))
        if self.connection is not None and self.chance.random() < 0.3:
            self.batch.add(file(self.shop, self.moment(), self.connection))


def slug(number: int) -> str:
    return f"shop-{number:06}"


def pulled(platform: str) -> list[str]:
    """The resources of a platform that are pulled."""
    every = registry.connector_of(platform).resources
    return [one.name for one in every if one.dataset is not None and not one.instead_of]


def run(cursor: Cursor, at: datetime) -> PullRun:
    """One that took a little less than a minute."""
    return PullRun(
        cursor=cursor,
        started_at=at - timedelta(seconds=50),
        finished_at=at,
        state=PullRun.State.DONE,
        until=at,
        fetched=120,
        created=20,
        updated=30,
        unchanged=70,
        pages=2,
        seconds=48.5,
    )


def look(page: ProductPage, at: datetime) -> PageLook:
    findings = [{"code": "right", "params": {}}]
    return PageLook(page=page, asked_at=at, queued_at=at, finished_at=at, findings=findings)


def page_run(page: ProductPage, at: datetime) -> PageRun:
    """One that found everything as it should be."""
    return PageRun(
        shop=page.shop,
        environment=page.environment,
        url=page.url,
        state=PageRun.State.FINISHED,
        asked_at=at,
        finished_at=at,
        lines=LINES,
        details={"console": [], "requests": ["https://cdn.kleep.ai/kleep.js"] * 40},
        fingerprint=PRINT,
    )


def event(shop: Shop, at: datetime, kind: str, position: int) -> Event:
    """Sealed as far as the tables can tell."""
    return Event(
        merchant=shop.merchant,
        shop=shop,
        shop_slug=shop.slug,
        at=at,
        kind=kind,
        actor_key="portal",
        position=position,
        digest=PRINT,
        chained=PRINT,
    )


def file(shop: Shop, at: datetime, connection: Connection) -> ReceivedFile:
    """A month's returns, taken."""
    return ReceivedFile(
        connection=connection,
        shop=shop.slug,
        dataset="returns",
        name=f"returns_{at:%Y-%m-%dT%H-%M-%S}.csv",
        origin=ReceivedFile.Origin.SFTP,
        size=120_000,
        said_at=at,
        received_at=at,
        finished_at=at,
        sha256=f"{at.timestamp():064.0f}",
        state=ReceivedFile.State.TAKEN,
        rows=900,
        accepted=900,
    )
