"""The API for Kleep's own systems: what each token reads, and what it never does."""

from typing import Any

import pytest
from django.test import Client

from kleep_portal import redaction
from onboarding import services
from onboarding.api import clients
from onboarding.models import ApiClient, Event
from tests.commands import run
from tests.onboarding.conftest import World

pytestmark = pytest.mark.django_db

ALL = tuple(clients.SCOPES)


class Asking:
    def __init__(self, *scopes: str) -> None:
        self.client, self.token = clients.create("Data team", scopes or ALL, by=None)

    def get(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return Client().get(f"/api/v1/{path}", headers=headers)


@pytest.fixture
def asking() -> Asking:
    return Asking()


def test_the_list_comes_in_pages_and_each_shop_once(world: World, asking: Asking) -> None:
    for number in range(4):
        services.create_shop(world.merchant, f"Shop {number}", by=None)
    seen, after = [], ""
    for _ in range(3):
        page = asking.get(f"shops?limit=2&after={after}").json()
        assert page["count"] == 5
        seen += [shop["slug"] for shop in page["shops"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == sorted(seen)
    assert len(set(seen)) == 5


def test_a_shop_is_described_without_any_secret(world: World, asking: Asking) -> None:
    answer = asking.get(f"shops/{world.shop.slug}")
    assert answer.json() == {
        "slug": "maison-paris",
        "name": "Paris",
        "merchant": "Maison",
        "platform": "magento",
        "environment": "preprod",
        "storefront_url": "",
        "languages": [],
        "created_at": answer.json()["created_at"],
    }


def test_the_status_says_whose_turn_it_is_in_english(world: World, asking: Asking) -> None:
    answer = (
        Client()
        .get(
            f"/api/v1/shops/{world.shop.slug}/status",
            headers={"Authorization": f"Bearer {asking.token}", "Accept-Language": "fr"},
        )
        .json()
    )
    tasks = {task["key"]: task for phase in answer["phases"] for task in phase["tasks"]}
    assert answer["is_live"] is False
    assert tasks["access"]["state"] == "completed"
    assert tasks["access"]["waiting_on"] is None
    assert tasks["check"]["title"] == "Check what Kleep can read"
    assert (tasks["check"]["state"], tasks["check"]["waiting_on"]) == ("incomplete", "merchant")


def test_readiness_and_freshness_say_what_the_page_says(world: World, asking: Asking) -> None:
    ready = asking.get(f"shops/{world.shop.slug}/readiness").json()
    page = world.client("owner").get(f"/shops/{world.shop.slug}/readiness.json").json()
    assert ready["is_ok"] == page["ok"]
    assert {one["name"]: one["number"] for one in ready["measures"]} == {
        one["name"]: one["number"] for one in page["measures"]
    }
    fresh = asking.get(f"shops/{world.shop.slug}/freshness").json()
    assert [line["dataset"] for line in fresh["datasets"]] == [
        line["dataset"] for line in page["freshness"]
    ]


def test_a_shop_without_a_connection_has_nothing_to_measure(world: World, asking: Asking) -> None:
    shop = services.create_shop(world.merchant, "New", by=None)
    answer = asking.get(f"shops/{shop.slug}/readiness")
    assert answer.status_code == 409
    assert "not connected yet" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("scope", "path", "others"),
    [
        ("shops", "shops", ("status", "readiness")),
        ("shops", "shops/maison-paris", ("status",)),
        ("status", "shops/maison-paris/status", ("shops", "readiness")),
        ("readiness", "shops/maison-paris/readiness", ("shops", "status")),
        ("readiness", "shops/maison-paris/freshness", ("shops", "status")),
    ],
)
def test_a_token_reads_only_what_its_scopes_say(
    world: World, scope: str, path: str, others: tuple[str, ...]
) -> None:
    refused = Asking(*others).get(path)
    assert refused.status_code == 403
    assert scope in refused.json()["detail"]
    ApiClient.objects.all().delete()
    assert Asking(scope).get(path).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer kleep_wrong", "Basic x"])
def test_without_a_token_that_works_nothing_is_told(world: World, header: str) -> None:
    answer = Client().get("/api/v1/shops", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Unauthorized"}


def test_a_revoked_token_opens_nothing_at_once(world: World, asking: Asking) -> None:
    assert asking.get("shops").status_code == 200
    done = run("api_client", "Data team", "--revoke")
    assert done.code == 0
    assert asking.get("shops").status_code == 401
    assert run("api_client", "Data team", "--revoke").code == 1


def test_too_many_questions_are_refused_with_when_to_come_back(
    world: World, settings: Any, asking: Asking
) -> None:
    settings.API_RATE = "3/min"
    assert [asking.get("shops").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert 0 < int(asking.get("shops")["Retry-After"]) <= 60
    _other, token = clients.create("Another", ["shops"], by=None)
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/shops", headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(world: World, asking: Asking, method: str) -> None:
    before = Event.objects.count()
    headers = {"Authorization": f"Bearer {asking.token}"}
    for path in ("shops", f"shops/{world.shop.slug}", f"shops/{world.shop.slug}/status"):
        assert getattr(Client(), method)(f"/api/v1/{path}", headers=headers).status_code == 405
    assert Event.objects.count() == before


def test_the_token_is_stored_as_a_hash_and_scrubbed_from_logs(asking: Asking) -> None:
    row = ApiClient.objects.values().get()
    assert asking.token not in str(row)
    asking.get("shops")
    assert redaction.scrub(f"asked with {asking.token}") == f"asked with {redaction.MARK}"


def test_a_client_is_made_by_a_command_that_prints_its_token_once(world: World) -> None:
    done = run("api_client", "Console", "--scope", "shops")
    assert done.code == 0
    answer = Client().get("/api/v1/shops", headers={"Authorization": f"Bearer {done.out.strip()}"})
    assert answer.status_code == 200
    assert run("api_client", "Console", "--scope", "shops").code == 1
    assert run("api_client", "Other").code == 1


def test_the_document_describes_every_question_and_its_errors(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert set(document["paths"]) == {
        "/api/v1/shops",
        "/api/v1/shops/{slug}",
        "/api/v1/shops/{slug}/status",
        "/api/v1/shops/{slug}/readiness",
        "/api/v1/shops/{slug}/freshness",
    }
    for path in document["paths"].values():
        assert set(path) == {"get"}
        assert path["get"]["security"] == [{"Token": []}]


@pytest.mark.parametrize("query", ["limit=0", "limit=1000", "limit=x"])
def test_garbage_is_refused_by_name(world: World, asking: Asking, query: str) -> None:
    answer = asking.get(f"shops?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][-1] == "limit"
