"""From the console to the admin and back, and how support finds a row there."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from model_bakery import baker

from connectors.models import (
    TABLES,
    Check,
    CheckLine,
    Connection,
    Cursor,
    ProductLink,
    PullRun,
    ReceivedFile,
)
from onboarding import admin_paths, services
from onboarding.models import Event, Mail, Merchant, PageLook, PageRun, Shop
from tests.onboarding.conftest import CONFIG, SECRETS, World

OF_A_SHOP: list[type[Model]] = [
    *(Connection, Cursor, PullRun, Check, CheckLine, ReceivedFile),
    *TABLES.values(),
]


def _rows(client: Client, model: type[Model], **query: str) -> set[Any]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    return {row.pk for row in answer.context["cl"].result_list}


@pytest.fixture
def other(filled: World) -> Shop:
    """A shop of another merchant, with rows of its own in every table."""
    atelier = Merchant.objects.get(name="Atelier")
    shop = services.create_shop(atelier, "Nantes", by=None)
    services.save_credentials(
        shop,
        platform="magento",
        config={**CONFIG, "url": "https://nantes.example"},
        secrets=SECRETS,
        by=None,
        prove=False,
    )
    api = shop.connection
    cursor = baker.make(Cursor, connection=api, resource="products")
    baker.make(PullRun, cursor=cursor)
    check = baker.make(Check, connection=api)
    baker.make(CheckLine, check_run=check)
    for model in (ReceivedFile, *TABLES.values()):
        baker.make(model, connection=api, _create_files=False)
    return shop


def test_a_row_is_found_by_its_shop_merchant_or_address(
    filled: World, other: Shop, support: Client
) -> None:
    key = str(other.connection_id)
    for model in OF_A_SHOP:
        found = _rows(support, model, q=other.slug)
        assert found, model
        assert found < _rows(support, model), model
        for term in ("Atelier", "nantes.example", key, key.replace("-", "")):
            assert _rows(support, model, q=term) == found, (model, term)
        assert _rows(support, model, q="nowhere at all") == set(), model


def test_a_run_is_found_by_its_number_its_state_and_its_data(
    filled: World, other: Shop, support: Client
) -> None:
    run, newer = PullRun.objects.order_by("pk")
    assert _rows(support, PullRun, q=str(newer.pk)) == {newer.pk}
    assert _rows(support, PullRun, q="failed") == {run.pk}
    assert _rows(support, PullRun, q="products") == {newer.pk}
    assert _rows(support, PullRun, q="9" * 40) == set()  # no number that a column holds


def test_every_way_from_a_shop_leads_to_its_own_rows(
    filled: World, other: Shop, support: Client
) -> None:
    for title, address in admin_paths.of_shop(other):
        answer = support.get(address)
        assert answer.status_code == 200, title
        if "cl" in answer.context:
            shown = list(answer.context["cl"].result_list)
            assert all(_is_of(row, other) for row in shown), title
            assert shown or title == "E-mails", title


def _is_of(row: Any, shop: Shop) -> bool:
    for step in ("cursor", "connection"):
        row = getattr(row, step, row)
    return bool(row == shop.connection or getattr(row, "shop", None) == shop)


def test_the_console_and_the_admin_lead_to_each_other(filled: World, support: Client) -> None:
    console = reverse("console_shop", args=[filled.shop.slug])
    page = support.get(console).content.decode()
    run = PullRun.objects.get()
    ways = [
        *(address for _title, address in admin_paths.of_shop(filled.shop)),
        reverse("admin:connectors_pullrun_change", args=[run.pk]),
    ]
    for address in ways:
        assert f'href="{address}"' in page, address
    back = [
        *(filled.shop, filled.connection, run, run.cursor, Check.objects.get()),
        *(CheckLine.objects.all()[:1], Event.objects.filter(shop=filled.shop)[:1]),
    ]
    for row in (item if isinstance(item, Model) else item.get() for item in back):
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        shown = support.get(reverse(name, args=[row.pk])).content.decode()
        assert f'<a href="{console}">In the console</a>' in shown, row._meta.label
    listed = support.get(reverse("admin:connectors_pullrun_changelist")).content.decode()
    assert f'<a href="{console}">Paris</a>' in listed


def test_the_page_of_a_row_offers_what_this_person_may_do(filled: World) -> None:
    cursor = Cursor.objects.get()
    address = reverse("admin:connectors_cursor_change", args=[cursor.pk])
    offered = {
        who: [
            action
            for action in ("retry", "start_over", "release_lease")
            if f'name="action" value="{action}"' in filled.client(who).get(address).content.decode()
        ]
        for who in ("support", "approver", "manager")
    }
    assert offered == {
        "support": ["retry"],
        "approver": [],
        "manager": ["retry", "start_over", "release_lease"],
    }


def test_a_long_list_is_counted_roughly_where_the_database_knows(
    filled: World, support: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.admin_base.ROUGH_FROM", 4)
    table = ProductLink._meta.db_table
    baker.make(ProductLink, connection=filled.connection, scope="x", _quantity=6)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
    address = reverse("admin:connectors_productlink_changelist")
    with CaptureQueriesContext(connection) as queries:
        answer = support.get(address)
    counted = [one for one in queries if "COUNT(" in one["sql"] and table in one["sql"]]
    assert answer.context["cl"].result_count == 7
    assert bool(counted) is (connection.vendor != "postgresql")
    with CaptureQueriesContext(connection) as queries:
        narrowed = support.get(address, {"q": "144"})
    assert narrowed.context["cl"].result_count == 1
    every = {"connection__id__exact": str(filled.connection.pk)}
    with CaptureQueriesContext(connection) as asked:
        narrowed = support.get(address, every)
    counted = [one for one in asked if "COUNT(" in one["sql"] and table in one["sql"]]
    assert narrowed.context["cl"].result_count == 7
    assert bool(counted) is (connection.vendor != "postgresql")
    assert any("COUNT(" in one["sql"] and table in one["sql"] for one in queries)


def test_the_lists_of_runs_and_rows_ask_no_table_for_their_choices(
    filled: World, support: Client
) -> None:
    grow = (PullRun, CheckLine, Cursor, Event, Mail, PageRun, PageLook, ReceivedFile)
    for model in (*grow, *TABLES.values()):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        with CaptureQueriesContext(connection) as queries:
            answer = support.get(reverse(name))
        table = f'FROM "{model._meta.db_table}"'
        assert answer.status_code == 200
        assert [q["sql"] for q in queries if "DISTINCT" in q["sql"] and table in q["sql"]] == []
        assert [q["sql"] for q in queries if "MIN(" in q["sql"] and table in q["sql"]] == []


def test_a_run_is_narrowed_by_its_error_and_its_data(
    filled: World, other: Shop, support: Client
) -> None:
    run, newer = PullRun.objects.order_by("pk")
    assert _rows(support, PullRun, error="shop_down") == {run.pk}
    assert _rows(support, PullRun, cursor__resource="products") == {newer.pk}
    assert _rows(support, PullRun, error="shop_down", cursor__resource="products") == set()
    listed = support.get(reverse("admin:connectors_cursor_changelist")).content.decode()
    assert '<a href="?resource=orders">' in listed
    assert "?resource=modules" not in listed  # checked, and never pulled
