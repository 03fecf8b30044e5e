"""Pages cost the same with many shops: as many queries as with few, each of them by an index.

How many milliseconds that are is measured by `make bench`, section “Pages with ten thousand shops”.
"""

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onboarding import standing
from onboarding.api import clients
from onboarding.models import Membership, Merchant, Shop, Standing, User
from tests import many_shops

PAGES = {
    "log-in": "/accounts/login/",
    "their shops": "/",
    "checklist": "/shops/{slug}/validate",
    "pipeline": "/console/",
    "pipeline filtered": "/console/?phase=golive&party=kleep",
    "pipeline searched": "/console/?q=atelier",
    "console shop": "/console/shops/{slug}",
    "console go-live": "/console/shops/{slug}/golive",
    "figures": "/console/figures",
    "task list": "/shops/{slug}/",
    "check": "/shops/{slug}/check",
    "readiness": "/shops/{slug}/readiness",
    "files": "/shops/{slug}/files",
    "api shops": "/api/v1/shops",
    "api status": "/api/v1/shops/{slug}/status",
}
SIZE = 10_000
# Tables of which a page must not read every row. Companies are so few that reading all of them is cheaper
# than looking fifty up.
LARGE = (
    "onboarding_standing",
    "onboarding_user",
    "onboarding_shop",
    "onboarding_event",
    "connectors_pullrun",
    "connectors_check",
    "onboarding_pagerun",
)


def _live() -> Shop:
    """A shop that has everything that there is to show."""
    live = Shop.objects.filter(standing__is_live=True, standing__platform="magento")
    return live.select_related("merchant").order_by("slug")[0]


def _staff() -> Client:
    person = User.objects.filter(is_staff=True).order_by("pk")[0]
    TOTP.activate(person, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    return _logged_in(person)


def _logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _who(shop: Shop) -> dict[str, Client]:
    owner = Membership.objects.filter(merchant=shop.merchant).order_by("pk")[0].user
    token = clients.create("systems", list(clients.SCOPES), by=None)[1]
    program = Client(headers={"Authorization": f"Bearer {token}"})
    return {"console": _staff(), "merchant": _logged_in(owner), "api": program, "log-in": Client()}


def _counted(who: dict[str, Client], shop: Shop) -> dict[str, int]:
    counts = {}
    for name, path in PAGES.items():
        kind = "console" if path.startswith("/console") else name.partition(" ")[0]
        client = who.get(kind, who["merchant"])
        url = path.format(slug=shop.slug)
        client.get(url)  # what is asked once, by whoever comes first
        with CaptureQueriesContext(database) as captured:
            assert client.get(url).status_code == 200, url
        counts[name] = len(captured)
    return counts


@pytest.mark.django_db
def test_a_page_costs_as_many_queries_with_many_shops_and_a_long_history_as_with_few() -> None:
    many_shops.fill(12, runs=1, events=2)
    shop = _live()
    who = _who(shop)
    few = _counted(who, shop)
    many_shops.fill(90, runs=2, events=5)
    many_shops.deepen(shop, days=4, lines=120)
    assert _counted(who, shop) == few
    assert {name for name, count in few.items() if count > 100} == set()


@pytest.mark.django_db
def test_where_many_shops_are_said_to_stand_is_where_they_stand() -> None:
    """What is measured is what would be there."""
    many_shops.fill(60, runs=1, events=2)
    said = dict(Standing.objects.values_list("shop", "task"))
    assert len(set(said.values())) > 5
    for shop in Shop.objects.select_related("merchant", "connection", "connection__circuit"):
        found = standing.refresh(shop)
        assert (shop.slug, found.task) == (shop.slug, said[shop.pk])


@pytest.fixture
def crowd(transactional_db: None) -> Client:
    """Ten thousand slim shops in the pipeline."""
    merchants = [Merchant(name=f"Maison {number}") for number in range(SIZE // 4)]
    Merchant.objects.bulk_create(merchants, batch_size=1000)
    now = timezone.now()
    shops = [
        Shop(merchant=merchants[number % len(merchants)], name=f"Shop {number}", slug=f"s-{number}")
        for number in range(SIZE)
    ]
    Shop.objects.bulk_create(shops, batch_size=1000)
    places = many_shops.PLACES
    Standing.objects.bulk_create(
        (
            Standing(
                shop=shop,
                phase=places[number % len(places)].phase,
                party=places[number % len(places)].party,
                rank=places[number % len(places)].rank,
                is_broken=number % 50 == 0,
                since=now,
                computed_at=now,
            )
            for number, shop in enumerate(shops)
        ),
        batch_size=1000,
    )
    people = [User(email=f"owner{number}@shops.example") for number in range(SIZE)]
    User.objects.bulk_create(people, batch_size=1000)
    User.objects.create_user("staff@kleep.example", is_staff=True)
    with database.cursor() as cursor:
        # What PostgreSQL does by itself before long: count what there is.
        cursor.execute("VACUUM ANALYZE" if database.vendor == "postgresql" else "ANALYZE")
    return _staff()


READ_WHOLE = {
    "postgresql": re.compile(r"Seq Scan on (\w+)"),
    "sqlite": re.compile(r"SCAN (\w+)(?! USING)"),
}


def _read_whole(sql: str) -> list[str]:
    """The large tables of which the plan of that query reads every row."""
    explain = "EXPLAIN " if database.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    with database.cursor() as cursor:
        cursor.execute(explain + sql.replace("%", "%%"), ())
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    return [name for name in READ_WHOLE[database.vendor].findall(plan) if name in LARGE]


QUERIES = (
    "", "page=20", "phase=golive", "party=kleep", "phase=golive&party=kleep", "platform=wshop",
    "flag=broken", "flag=problem",
)  # fmt: skip


def test_the_pipeline_of_ten_thousand_shops_is_read_by_indexes(crowd: Client) -> None:
    found: dict[str, Any] = {}
    for path in (*(f"/console/?{query}" for query in QUERIES), "/console/figures"):
        with CaptureQueriesContext(database) as captured:
            assert crowd.get(path).status_code == 200
        asked = [one["sql"] for one in captured if one["sql"].startswith("SELECT")]
        found |= {f"{path} {sql}": whole for sql in asked if (whole := _read_whole(sql))}
    assert found == {}
    # What reads a whole table would have been seen.
    whole = "SELECT COUNT(*) FROM onboarding_standing WHERE task = 'x'"
    assert _read_whole(whole) == ["onboarding_standing"]
