"""A page of many shops asks as many questions as a page of one, and says the same of each."""

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connectors.models import CheckLine, ReceivedFile
from onboarding import access, phases
from onboarding.models import Membership, Merchant, ProductConfiguration, Shop, User
from onboarding.phases import Facts, Step
from onboarding.together import Together
from tests import many_shops

pytestmark = pytest.mark.django_db
LOGIN = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def owner() -> User:
    """Of ten shops and more: they stand everywhere, and some owe files, of which some came."""
    many_shops.fill(32, runs=2, events=1)
    merchant = Merchant.objects.create(name="Maison")
    Shop.objects.update(merchant=merchant)
    person = User.objects.create_user("owner@shops.example")
    Membership.objects.create(user=person, merchant=merchant, role=Membership.Role.OWNER)
    absent = CheckLine.objects.filter(resource__in=("returns", "creditmemos"))
    absent.filter(check_run__connection__shops__pk__lt=_middle()).update(status="not_available")
    some = ProductConfiguration.objects.filter(shop__pk__gt=_middle())
    some.update(dimensions_in_files=True)
    by_files = Shop.objects.filter(connection=None)[:2]
    Shop.objects.filter(pk__in=[shop.pk for shop in by_files]).update(platform="other")
    return person


def _middle() -> int:
    every = list(Shop.objects.order_by("pk").values_list("pk", flat=True))
    return every[len(every) // 2]


def _steps(shop: Shop, together: Together | None = None) -> list[Step]:
    return phases.steps(shop, Facts(shop, together))


def test_shops_that_are_read_together_stand_where_each_of_them_stands(owner: User) -> None:
    shops = list(access.shops(owner).order_by("pk"))
    alone = {shop.slug: _steps(shop) for shop in access.shops(owner)}
    together = Together(shops)
    assert {shop.slug: _steps(shop, together) for shop in shops} == alone
    tasks = [task for steps in alone.values() for step in steps for task in step.tasks]
    assert len({(task.key, task.state) for task in tasks}) > 15
    assert {task.state for task in tasks if task.key == "files"} == {"incomplete", "completed"}
    assert ReceivedFile.objects.filter(dataset="returns").exists()


def test_two_shops_of_one_connection_know_the_same_of_it(owner: User) -> None:
    one, other = access.shops(owner).filter(standing__is_live=True).order_by("pk")[:2]
    other.connection = one.connection
    together = Together([one, other])
    assert together.connections == [one.connection]
    data = [step for step in _steps(other, together) if step.key == "access"]
    assert [task.state for task in data[0].tasks] == ["completed"] * 4


def _asked(person: User) -> tuple[int, int]:
    """Rows of the page of their shops, and queries for it."""
    client = Client()
    client.force_login(person, backend=LOGIN)
    client.get("/")
    with CaptureQueriesContext(database) as captured:
        response = client.get("/")
    return len(response.context["rows"]), len(captured)


def test_the_page_of_ten_shops_costs_as_many_queries_as_that_of_one(owner: User) -> None:
    rows, most = _asked(owner)  # of every kind: signatures, dimensions and files are asked about
    assert rows == 10
    ProductConfiguration.objects.update(dimensions_in_files=False)
    CheckLine.objects.update(status="ready")
    live = Shop.objects.filter(standing__is_live=True).order_by("pk")[:11]
    asked = {}
    for name, shops in {"Few": live[:1], "Many": live[1:]}.items():
        merchant = Merchant.objects.create(name=name)
        Shop.objects.filter(pk__in=[shop.pk for shop in shops]).update(merchant=merchant)
        person = User.objects.create_user(f"{name}@shops.example")
        Membership.objects.create(user=person, merchant=merchant, role=Membership.Role.VIEWER)
        asked[len(shops)] = _asked(person)
    assert asked == {1: (1, asked[1][1]), 10: (10, asked[1][1])}
    assert asked[1][1] < most < 25
