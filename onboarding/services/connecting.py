"""The access to a shop's data: credentials, checks, pulls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from connectors import checking, connections, runs, tasks
from connectors.models import Check, Connection, Cursor, PullRun
from onboarding.models import Actor, Shop, User
from onboarding.services.recording import record


class NotConnectedError(Exception):
    """The shop has no connection yet. The pages that need one are not reachable then."""


def save_credentials(
    shop: Shop,
    *,
    platform: str,
    config: Mapping[str, Any],
    secrets: Mapping[str, str],
    by: Actor | None,
    prove: bool = True,
) -> Connection:
    """Try the credentials on the shop, then keep them; a blank secret keeps the stored one.

    Raises ConnectorError where the shop refuses them or one is missing; nothing has changed then: what
    worked before goes on working. Calls the shop: not in a transaction.
    """
    connection = shop.connection or Connection(tenant=shop.merchant_id, platform=platform)
    if not connection.has_api:
        connection = _taken_over(connection, platform)
    # What other shops read with the same access goes on being read, whoever enters it anew.
    for other in shop.merchant.shops.filter(connection=connection.pk).exclude(store=""):
        config = connection.connector_class.including(config, other.store)
    connections.set_credentials(
        connection, config=config, secrets=secrets, by=by.email if by else "", prove=prove
    )
    given = sorted(name for name, value in secrets.items() if value)
    with transaction.atomic():
        shop.connection = connection
        shop.save(update_fields=["connection"])
        record(shop, "credentials_saved", by=by, config=dict(config), secrets=given)
    return connection


def _taken_over(connection: Connection, platform: str) -> Connection:
    """One that only took files so far, for the platform; a copy, so that a refusal changes nothing."""
    copy = Connection.objects.get(pk=connection.pk)
    copy.platform = platform
    return copy


def share_connection(shop: Shop, source: Shop, *, store: str, by: Actor | None) -> Connection:
    """Use the access of another shop of the same merchant, for the store view of that code.

    Raises NotConnectedError, ConnectorError where the shop refuses; nothing has changed then. Calls the shop:
    not in a transaction.
    """
    if source.merchant_id != shop.merchant_id:
        raise NotConnectedError(source.slug)
    connection = _connection(source)
    config = connection.connector_class.including(connection.config, store)
    if store and config != connection.config:
        connections.set_credentials(
            connection, config=config, secrets={}, by=by.email if by else "", prove=True
        )
    with transaction.atomic():
        shop.connection, shop.store = connection, store
        shop.save(update_fields=["connection", "store"])
        record(shop, "access_shared", by=by, source=source.slug, store=store)
    return connection


def begin_at(shop: Shop, positions: Mapping[str, datetime], *, by: Actor | None) -> None:
    """The first pull of each named resource begins at that moment; where a pull was, nothing changes."""
    connection = _connection(shop)
    with connections.open_connector(connection) as connector, transaction.atomic():
        begun = [
            name
            for name, moment in positions.items()
            for scope in connector.scopes(connector.resource(name))
            if Cursor.objects.get_or_create(
                connection=connection,
                resource=name,
                scope=scope,
                defaults={"position_at": moment},
            )[1]
        ]
        if begun:
            record(shop, "first_pull_set", by=by, resources=sorted(set(begun)))


def compare_secret(shop: Shop, name: str, value: str, *, by: User) -> bool:
    """“Is this the one we have?”, answered and written down.

    Raises connections.TooManyGuessesError: every answer is a hint to whoever guesses.
    """
    same = connections.is_stored_secret(_connection(shop), name, value)
    record(shop, "secret_compared", by=by, secret=name, same=same)
    return same


def _connection(shop: Shop) -> Connection:
    if shop.connection is None:
        raise NotConnectedError(shop.slug)
    return shop.connection


def start_check(shop: Shop, *, by: Actor | None, queue: bool = True) -> Check:
    """Test every resource of the shop's connection; without `queue` the caller runs it."""
    connection = _connection(shop)
    with transaction.atomic():
        check = checking.start(connection)
        record(shop, "check_started", by=by, check=check.pk)
        if queue:
            transaction.on_commit(lambda: tasks.check_connection.delay(check.pk))
    return check


def note_pull(shop: Shop, *, by: Actor | None) -> None:
    """Somebody pulls it by a command, which does the work itself."""
    record(shop, "pull_started", by=by)


def note_export(shop: Shop, *, format: str, by: Actor | None) -> None:
    """Who took the shop's data out of the portal, and when."""
    record(shop, "data_exported", by=by, format=format)


def start_pull(shop: Shop, *, by: Actor | None) -> None:
    """Ask for everything that is new, of every resource; what runs already goes on.

    Called here and not queued: what is due is in the database even where the queue is down.
    """
    connection = _connection(shop)
    with transaction.atomic():
        record(shop, "pull_started", by=by)
        tasks.pull_connection(str(connection.pk))


def release_pull(shop: Shop, run: PullRun, *, by: User) -> bool:
    """Believe a pull of this shop that is held, which goes on then; False where it is not held any more.

    Raises PullRun.DoesNotExist for another shop's run, AlreadyRunningError while another one is under way.
    """
    mine = PullRun.objects.get(pk=run.pk, cursor__connection=_connection(shop))
    with transaction.atomic():
        if not runs.release(mine, by=str(by)):
            return False
        record(shop, "pull_released", by=by, run=mine.pk)
    return True


def check_again(shop: Shop, resource: str, *, by: Actor | None) -> Check:
    """Test one resource of the latest check again. Raises KeyError on an unknown one."""
    connection = _connection(shop)
    with transaction.atomic():
        check = checking.start_again(connection, resource)
        record(shop, "check_started", by=by, check=check.pk, resource=resource)
        transaction.on_commit(lambda: tasks.check_connection.delay(check.pk))
    return check
