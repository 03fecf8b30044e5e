"""Credentials are set, kept, proved and compared in one place, and a refusal changes nothing."""

import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.cache import cache, caches

from connectors import connections, errors
from connectors.connections import set_credentials
from connectors.http import Limits
from connectors.models import Connection
from kleep_portal import crypto
from tests.connectors.plain import accepts, plain_platform
from tests.connectors.wire import Wire, ok, serving
from tests.planted import everything_logged

GOOD = {"username": "kleep-reader", "password": "g00d-passw0rd"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plain() -> Iterator[None]:
    with plain_platform():
        yield


@pytest.fixture
def shop() -> Iterator[Wire]:
    """Lets GOOD in, and nobody else."""

    def answer(head: bytes) -> list[bytes]:
        known = accepts(**GOOD).encode() in head
        return [ok(status="200 OK" if known else "401 Unauthorized")]

    with serving(answer) as wire:
        yield wire


@pytest.fixture
def config(shop: Wire) -> dict[str, str]:
    return {"url": f"http://127.0.0.1:{shop.port}"}


@pytest.fixture
def connection(config: dict[str, str]) -> Connection:
    made = Connection(tenant=uuid.uuid4(), platform="plain")
    set_credentials(made, config=config, secrets=GOOD, by="owner@shop.example")
    return made


def stored(connection: Connection) -> dict[str, Any]:
    """The row as it is in the database."""
    return dict(Connection.objects.filter(pk=connection.pk).values()[0])


def test_a_new_connection_is_saved_with_its_secrets_sealed(connection: Connection) -> None:
    row = stored(connection)
    assert row["secrets_set_by"] == "owner@shop.example"
    assert row["secrets_set_at"] is not None
    assert not any(secret in str(row) for secret in GOOD.values())
    assert dict(crypto.unseal(str(connection.pk), row["sealed"])) == GOOD


def test_secrets_are_proved_before_they_are_stored(config: dict[str, str], shop: Wire) -> None:
    made = Connection(tenant=uuid.uuid4(), platform="plain")
    set_credentials(made, config=config, secrets=GOOD, by="owner@shop.example", prove=True)
    assert len(shop.requests) == 1
    row = stored(made)
    assert row["health"] == Connection.Health.WORKING
    assert row["proved_at"] is not None


def test_a_new_connection_that_the_shop_refuses_is_not_saved(config: dict[str, str]) -> None:
    made = Connection(tenant=uuid.uuid4(), platform="plain")
    wrong = {**GOOD, "password": "wr0ng-passw0rd"}
    with pytest.raises(errors.CredentialsError):
        set_credentials(made, config=config, secrets=wrong, by="o@shop.example", prove=True)
    assert not Connection.objects.exists()


def test_refused_secrets_leave_the_old_ones_as_they_were(
    connection: Connection, config: dict[str, str]
) -> None:
    before, before_here = stored(connection), vars(connection).copy()
    with pytest.raises(errors.CredentialsError):
        set_credentials(
            connection,
            config={**config, "note": "new"},
            secrets={"username": "", "password": "wr0ng-passw0rd"},
            by="other@shop.example",
            prove=True,
        )
    assert stored(connection) == before
    assert vars(connection) == before_here


def test_trying_credentials_stores_nothing(connection: Connection, config: dict[str, str]) -> None:
    before = stored(connection)
    connections.prove_credentials(connection, config=config, secrets={"password": ""})
    with pytest.raises(errors.CredentialsError):
        connections.prove_credentials(connection, config=config, secrets={"password": "wr0ng-one"})
    assert stored(connection) == before


def test_a_blank_secret_keeps_the_stored_one(
    connection: Connection, config: dict[str, str]
) -> None:
    set_credentials(
        connection,
        config=config,
        secrets={"username": "", "password": "an0ther-passw0rd"},
        by="developer@shop.example",
    )
    sealed = stored(connection)["sealed"]
    assert dict(crypto.unseal(str(connection.pk), sealed)) == {
        "username": "kleep-reader",
        "password": "an0ther-passw0rd",
    }
    assert stored(connection)["secrets_set_by"] == "developer@shop.example"


def test_without_new_secrets_only_the_configuration_changes(
    connection: Connection, config: dict[str, str]
) -> None:
    before = stored(connection)
    changed = {**config, "attributes": {"size": ["size"]}}
    set_credentials(connection, config=changed, secrets={}, by="developer@shop.example")
    assert stored(connection) == {**before, "config": changed}


@pytest.mark.parametrize(
    "address", ["https://evil.example", "http://127.0.0.1:1", "https://127.0.0.1"]
)
def test_kept_secrets_do_not_travel_to_an_address_they_were_not_given_for(
    connection: Connection, config: dict[str, str], address: str
) -> None:
    before = stored(connection)
    for changed in ({"url": address}, {**config, "stores": [{"base": f"{address}/fr"}]}):
        for secrets in ({}, {"username": "kleep-reader"}):
            with pytest.raises(connections.SecretsNeededAgainError):
                set_credentials(connection, config=changed, secrets=secrets, by="x@shop.example")
    assert stored(connection) == before


def test_with_all_secrets_given_anew_the_address_may_change(connection: Connection) -> None:
    set_credentials(
        connection, config={"url": "https://new.example"}, secrets=GOOD, by="owner@shop.example"
    )
    assert stored(connection)["config"] == {"url": "https://new.example"}


def test_another_path_of_the_same_address_needs_no_secrets(
    connection: Connection, config: dict[str, str]
) -> None:
    changed = {"url": f"{config['url']}/fr"}
    set_credentials(connection, config=changed, secrets={}, by="owner@shop.example")
    assert stored(connection)["config"] == changed


def test_an_incomplete_set_is_refused(config: dict[str, str]) -> None:
    made = Connection(tenant=uuid.uuid4(), platform="plain")
    with pytest.raises(connections.SecretsMissingError) as refused:
        set_credentials(made, config=config, secrets={"username": "me-alone"}, by="o@shop.example")
    assert refused.value.detail == "missing: password"
    assert not Connection.objects.exists()


def test_a_secret_the_platform_does_not_have_is_a_mistake_of_ours(
    connection: Connection, config: dict[str, str]
) -> None:
    before = stored(connection)
    with pytest.raises(ValueError, match="no secrets named"):
        set_credentials(connection, config=config, secrets={"token": "x"}, by="o@shop.example")
    assert stored(connection) == before


def test_the_connector_has_the_secrets_and_the_merchants_pseudonyms(
    connection: Connection,
) -> None:
    with connections.open_connector(connection) as connector:
        connector.prove()
        assert connector.settings.pseudonym("A@example.com ") == crypto.pseudonym(
            str(connection.tenant), "a@example.com"
        )
        assert "passw0rd" not in repr(connector.settings) + repr(connector) + repr(connection)


def test_secrets_under_a_lost_key_raise_and_can_be_given_anew(
    connection: Connection,
    config: dict[str, str],
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(connections.SecretsUnreadableError) as refused:
        connections.open_connector(connection)
    assert refused.value.message == "Something went wrong on our side. Kleep has been told."
    assert str(connection.pk) in refused.value.detail
    [logged] = caplog.messages  # who runs a command, or reads the log, is told what to mend
    assert logged == f"credentials do not open: {refused.value.detail}"
    set_credentials(connection, config=config, secrets=GOOD, by="owner@shop.example")
    with connections.open_connector(connection) as connector:
        connector.prove()


def test_a_sealed_value_copied_from_another_row_does_not_open(connection: Connection) -> None:
    thief = Connection.objects.create(
        tenant=uuid.uuid4(),
        platform="plain",
        config={"url": "https://evil.example"},
        sealed=connection.sealed,
    )
    with pytest.raises(connections.SecretsUnreadableError):
        connections.open_connector(thief)


def test_a_connection_without_secrets_does_not_open() -> None:
    empty = Connection.objects.create(tenant=uuid.uuid4(), platform="plain")
    with pytest.raises(connections.SecretsMissingError):
        connections.open_connector(empty)


# --- "is this the one we have?" ---


def test_a_pasted_value_is_compared_with_the_stored_one(connection: Connection) -> None:
    assert connections.is_stored_secret(connection, "password", " g00d-passw0rd\n")
    assert not connections.is_stored_secret(connection, "password", "g00d-passw0r")
    assert not connections.is_stored_secret(connection, "username", "g00d-passw0rd")
    assert not connections.is_stored_secret(connection, "token", "")


def test_guessing_is_stopped_and_may_go_on_later(connection: Connection) -> None:
    for _ in range(5):
        assert not connections.is_stored_secret(connection, "password", "guess")
    with pytest.raises(connections.TooManyGuessesError):
        connections.is_stored_secret(connection, "password", "g00d-passw0rd")
    other = Connection(tenant=connection.tenant, platform="plain")
    set_credentials(other, config=connection.config, secrets=GOOD, by="o@shop.example")
    assert connections.is_stored_secret(other, "password", "g00d-passw0rd")
    counter = cache.make_key(f"secret-guesses:{connection.pk}")
    assert 0 < caches["default"]._cache.get_client().ttl(counter) <= 600


def test_a_window_that_ends_while_a_guess_is_counted_begins_anew(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.is_stored_secret(connection, "password", "guess")
    add, asked = cache.add, iter([True])

    def expires_after(key: str, *args: Any) -> bool:
        added = bool(add(key, *args))
        if next(asked, False):
            cache.delete(key)
        return added

    monkeypatch.setattr(connections.cache, "add", expires_after)
    assert connections.is_stored_secret(connection, "password", "g00d-passw0rd")
    assert cache.get(f"secret-guesses:{connection.pk}") == 1


def test_fingerprints_tell_values_apart_and_hold_nothing_of_them(connection: Connection) -> None:
    before = connections.fingerprints(connection)
    assert set(before) == {"username", "password"}
    assert all(len(value) == 8 and int(value, 16) >= 0 for value in before.values())
    assert connections.fingerprint(connection, "password") == before["password"]
    assert connections.fingerprint(connection, "token") == ""
    set_credentials(
        connection, config=connection.config, secrets={"password": "an0ther"}, by="o@shop.example"
    )
    after = connections.fingerprints(connection)
    assert after["username"] == before["username"]
    assert after["password"] != before["password"]


def test_the_age_of_secrets_is_told(connection: Connection) -> None:
    set_at = connection.secrets_set_at
    assert set_at is not None
    with time_machine.travel(set_at + timedelta(days=3), tick=False):
        assert connections.secrets_age(connection) == timedelta(days=3)
    assert connections.secrets_age(Connection()) is None


def test_no_log_line_of_all_this_holds_a_secret(config: dict[str, str]) -> None:
    with everything_logged() as logged:
        made = Connection(tenant=uuid.uuid4(), platform="plain")
        set_credentials(made, config=config, secrets=GOOD, by="owner@shop.example", prove=True)
    written = logged.getvalue()
    assert "127.0.0.1 /things 200" in written
    for secret in (*GOOD.values(), accepts(**GOOD).removeprefix("Basic ")):
        assert secret not in written


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_whole_set_is_stored(
    connection: Connection, config: dict[str, str]
) -> None:
    from django.db import connection as database

    sets = [{"username": f"user-{n}", "password": f"passw0rd-{n}"} for n in range(6)]

    def work(secrets: dict[str, str]) -> None:
        mine = Connection.objects.get(pk=connection.pk)
        set_credentials(mine, config=config, secrets=secrets, by="o@shop.example")
        database.close()

    threads = [threading.Thread(target=work, args=(secrets,)) for secrets in sets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(crypto.unseal(str(connection.pk), stored(connection)["sealed"])) in sets


def test_a_person_at_the_form_does_not_wait_for_a_slow_shop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = threading.Event()

    def silent(_head: bytes) -> Iterator[bytes]:
        done.wait(30)
        yield ok(b"{}")

    monkeypatch.setattr(connections, "WHILE_SOMEBODY_WAITS", Limits(read=0.2, total=0.5))
    made = Connection(tenant=uuid.uuid4(), platform="plain")
    with serving(silent) as slow:
        config = {"url": f"http://127.0.0.1:{slow.port}"}
        with pytest.raises(errors.ReadTimeoutError):
            set_credentials(made, config=config, secrets=GOOD, by="o@shop.example", prove=True)
        done.set()
    assert not Connection.objects.filter(pk=made.pk).exists()
