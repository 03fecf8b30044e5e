"""rotate_keys seals everything under the first key while the portal runs."""

import json
import uuid
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from connectors import rotation
from connectors.connections import set_credentials
from connectors.models import Connection
from kleep_portal import crypto
from tests.connectors.plain import plain_platform

pytestmark = pytest.mark.django_db

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture(autouse=True)
def old_key(settings: Any) -> Iterator[None]:
    settings.ENCRYPTION_KEYS = [OLD]
    with plain_platform():
        yield


def secrets_of(number: int) -> dict[str, str]:
    return {"username": f"user-{number}", "password": f"passw0rd-{number}"}


def make(count: int, *, key: str = OLD, settings: Any) -> list[Connection]:
    before, settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS, [key]
    made = []
    for number in range(count):
        connection = Connection(tenant=uuid.uuid4(), platform="plain")
        set_credentials(
            connection,
            config={"url": f"https://shop-{number}.example"},
            secrets=secrets_of(number),
            by="owner@shop.example",
        )
        made.append(connection)
    settings.ENCRYPTION_KEYS = before
    return made


def run(*options: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *options, stdout=out)
    return out.getvalue()


def opened(connection: Connection) -> dict[str, str]:
    connection.refresh_from_db()
    return dict(crypto.unseal(str(connection.pk), connection.sealed))


def test_everything_opens_with_the_new_key_alone_afterwards(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 4)
    made = make(10, settings=settings)
    Connection.objects.create(tenant=uuid.uuid4(), platform="plain")
    before = {row.pk: (row.secrets_set_at, row.secrets_set_by, row.config) for row in made}
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert json.loads(run("--json")) == {
        "ok": True,
        "rows": 11,
        "resealed": 10,
        "current": 0,
        "empty": 1,
        "gone": 0,
        "failed": [],
    }
    settings.ENCRYPTION_KEYS = [NEW]
    for number, connection in enumerate(made):
        assert opened(connection) == secrets_of(number)
        assert before[connection.pk] == (
            connection.secrets_set_at,
            connection.secrets_set_by,
            connection.config,
        )


def test_a_second_run_has_nothing_to_do_and_writes_nothing(settings: Any) -> None:
    make(3, settings=settings)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    run()
    sealed = set(Connection.objects.values_list("sealed", flat=True))
    assert run() == (
        "3 rows: 0 sealed anew, 3 were under the first key, 0 without secrets, "
        "0 changed meanwhile, 0 failed\n"
    )
    assert set(Connection.objects.values_list("sealed", flat=True)) == sealed


def test_an_interrupted_run_goes_on_where_it_stopped(settings: Any) -> None:
    made = make(6, settings=settings)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    rows = iter(range(3))

    def power_cut() -> None:
        if next(rows) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(on_row=power_cut)
    second = rotation.rotate()
    assert (second.current, second.resealed, second.failed) == (3, 3, [])
    settings.ENCRYPTION_KEYS = [NEW]
    assert [opened(connection) for connection in made] == [secrets_of(n) for n in range(6)]


def test_credentials_that_change_meanwhile_win(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(2, settings=settings)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    fresh = {"username": "fresh-user", "password": "fresh-passw0rd"}
    reseal = crypto.reseal

    def someone_is_faster(sealed: str) -> str:
        """Between our reading and our writing the merchant saves new credentials."""
        for connection in made:
            connection.refresh_from_db()
            if connection.sealed == sealed:
                set_credentials(
                    connection, config=connection.config, secrets=fresh, by="owner@shop.example"
                )
        return reseal(sealed)

    monkeypatch.setattr(crypto, "reseal", someone_is_faster)
    done = rotation.rotate()
    assert (done.resealed, done.current, done.gone) == (0, 2, 0)
    settings.ENCRYPTION_KEYS = [NEW]
    assert [opened(connection) for connection in made] == [fresh, fresh]


def test_a_connection_deleted_meanwhile_is_counted_and_does_no_harm(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(3, settings=settings)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    reseal = crypto.reseal
    victim = sorted(made, key=lambda connection: connection.pk)[1].sealed

    def delete_first(sealed: str) -> str:
        Connection.objects.filter(sealed=sealed).filter(sealed=victim).delete()
        return reseal(sealed)

    monkeypatch.setattr(crypto, "reseal", delete_first)
    done = rotation.rotate()
    assert (done.resealed, done.gone) == (2, 1)


def test_what_opens_with_none_of_the_keys_is_named_and_left_alone(settings: Any) -> None:
    good = make(2, settings=settings)
    lost = make(1, key=LOST, settings=settings)[0]
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    out = StringIO()
    with pytest.raises(CommandError, match=str(lost.pk)):
        call_command("rotate_keys", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["ok"], report["resealed"], report["failed"]) == (False, 2, [str(lost.pk)])
    assert Connection.objects.get(pk=lost.pk).sealed == lost.sealed
    settings.ENCRYPTION_KEYS = [NEW]
    assert opened(good[1]) == secrets_of(1)
