"""Fills a portal with shops and opens its pages to who looks at them; a process of the portal.

Standard input: JSON {"shops": how many, "days": of history of the shop that is looked at, "lines": its order
lines}. Prints JSON: {"pages": [{"name", "path", "headers", "queries"}], "rows": by table, "fill": seconds,
"standing": median milliseconds for computing where one shop stands}.
"""

import json
import sys
import time
from statistics import median
from typing import Any

import django

HEADERS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}  # of the proxy before it
COMPUTED = 40  # shops whose standing is computed


def main() -> None:
    django.setup()
    given = json.load(sys.stdin)
    began = time.monotonic()
    shop = _fill(given["shops"], days=given["days"], lines=given["lines"])
    took = time.monotonic() - began
    found = {"pages": _pages(shop), "rows": _rows(), "fill": took, "standing": _standing()}
    print(json.dumps(found))


def _fill(shops: int, *, days: int, lines: int) -> Any:
    """The shop that is looked at: a live one, which has everything."""
    from django.db import connection

    from onboarding.models import Shop
    from tests import many_shops

    many_shops.fill(shops)
    live = Shop.objects.filter(standing__is_live=True, standing__platform="magento")
    shop = live.select_related("merchant", "connection").order_by("slug")[0]
    many_shops.deepen(shop, days=days, lines=lines)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as PostgreSQL does by itself before long
    return shop


def _pages(shop: Any) -> list[dict[str, Any]]:
    from allauth.mfa.totp.internal.auth import TOTP

    from onboarding.api import clients
    from onboarding.models import Membership, User

    staff = User.objects.filter(is_staff=True).order_by("pk")[0]
    TOTP.activate(staff, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    owner = Membership.objects.filter(merchant=shop.merchant).order_by("pk")[0].user
    token = clients.create("load", list(clients.SCOPES), by=None)[1]
    nobody, program = {}, {"Authorization": f"Bearer {token}"}
    kleep, merchant = _logged_in(staff), _logged_in(owner)
    at = f"/shops/{shop.slug}"
    pages = [
        ("nothing: an empty view", "/nothing", nobody),
        ("nothing, for staff who are logged in", "/nothing", kleep),
        ("log-in", "/accounts/login/", nobody),
        ("pipeline", "/console/", kleep),
        ("pipeline, page 150", "/console/?page=150", kleep),
        ("pipeline, one phase", "/console/?phase=golive&party=kleep", kleep),
        ("pipeline, broken shops", "/console/?flag=broken", kleep),
        ("pipeline, one language", "/console/?language=it&platform=wshop", kleep),
        ("pipeline, a word of the name", "/console/?q=atelier", kleep),
        ("pipeline, one shop by name", f"/console/?q={shop.slug}", kleep),
        ("console: one shop", f"/console{at}", kleep),
        ("console: plots of its pulls", f"/console{at}/plots", kleep),
        ("console: its go-live", f"/console{at}/golive", kleep),
        ("console: figures", "/console/figures", kleep),
        ("all shops, for staff", "/", kleep),
        ("merchant: their shops", "/", merchant),
        ("merchant: task list", f"{at}/", merchant),
        ("merchant: check", f"{at}/check", merchant),
        ("merchant: readiness", f"{at}/readiness", merchant),
        ("merchant: files", f"{at}/files", merchant),
        ("merchant: files that are owed", f"/shops/{_by_files(shop).slug}/files", merchant),
        ("API: list of shops", "/api/v1/shops", program),
        ("API: status of a shop", f"/api/v1{at}/status", program),
    ]
    return [
        {"name": name, "path": path, "headers": {**HEADERS, **who}, "queries": _queries(path, who)}
        for name, path, who in pages
    ]


def _by_files(shop: Any) -> Any:
    """Another shop of that merchant, which sends everything as files."""
    from onboarding.models import Shop

    given = {"name": "By files", "slug": "by-files", "platform": "other"}
    return Shop.objects.create(merchant=shop.merchant, **given)


def _logged_in(user: Any) -> dict[str, str]:
    """The cookie of a session as a log-in makes it."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"}


def _queries(path: str, who: dict[str, str]) -> int:
    """Of a page that was asked for before. Raises AssertionError where it does not answer."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    for _ in range(2):
        client = Client(headers={**HEADERS, **who, "Host": "127.0.0.1"})
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        assert response.status_code == 200, (path, response.status_code)
    return len(captured)


def _rows() -> dict[str, int]:
    from tests.many_shops import ORDER

    return {model._meta.db_table: model._base_manager.count() for model in ORDER}


def _standing() -> float:
    from onboarding import standing
    from onboarding.models import Shop

    shops = Shop.objects.select_related("merchant", "connection", "connection__circuit")
    taken = []
    for shop in shops.order_by("slug")[:COMPUTED]:
        began = time.perf_counter()
        standing.refresh(shop)
        taken.append(time.perf_counter() - began)
    return median(taken) * 1000


if __name__ == "__main__":
    main()
