"""Phase 1: the access to the shop's data, its check, the first pull."""

from functools import cached_property

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import checking, registry
from connectors.base import Connector
from connectors.models import TABLES, Check, Connection, Cursor, PullRun
from onboarding.models import Shop
from onboarding.phases.base import Facts, Phase, State, Task

DEFAULT_PLATFORM = "magento"


class Access:
    """What is known of the access to a shop's data."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    @property
    def connection(self) -> Connection | None:
        return self.shop.connection

    @cached_property
    def check(self) -> Check | None:
        return self.connection.checks.first() if self.connection else None

    @cached_property
    def check_is_ok(self) -> bool:
        return self.check is not None and checking.is_ok(self.check)

    @cached_property
    def runs(self) -> list[PullRun]:
        """The newest run of every cursor."""
        return newest_runs(self.connection) if self.connection else []

    @cached_property
    def is_waiting(self) -> bool:
        return self.connection is not None and waiting_cursors(self.connection) > 0

    @cached_property
    def has_data(self) -> bool:
        return any(
            TABLES[name].objects.filter(connection=self.connection, deleted_at=None).exists()
            for name in ("products", "orders")
        )


def waiting_cursors(connection: Connection) -> int:
    """Resources that were asked for and that no worker has taken up yet."""
    running = PullRun.objects.filter(state=PullRun.State.RUNNING).values("cursor")
    is_due = Q(queued_at__isnull=False) | Q(due_at__lte=timezone.now())
    waiting = Cursor.objects.filter(is_due, connection=connection)
    return waiting.exclude(pk__in=running).count()


def newest_runs(connection: Connection) -> list[PullRun]:
    """The newest run of every cursor of the connection, in the connector's order of resources."""
    cursors = Cursor.objects.filter(connection=connection)
    newest = [run for cursor in cursors if (run := cursor.runs.first()) is not None]
    order = [resource.name for resource in connection.connector_class.resources]
    return sorted(newest, key=lambda run: (order.index(run.cursor.resource), run.cursor.scope))


def platform_label(shop: Shop) -> str:
    """What the shop runs on; Magento as long as nobody chose a platform."""
    return str(connector_of(shop).label)


def connector_of(shop: Shop) -> type[Connector]:
    if shop.connection is not None:
        return shop.connection.connector_class
    return registry.platforms()[DEFAULT_PLATFORM]


def _access(facts: Facts) -> Task:
    connection = facts.shop.connection
    is_given = connection is not None and connection.secrets_set_at is not None
    return Task(
        key="access",
        short=_("Access"),
        title=_("Give Kleep access to your %(platform)s")
        % {"platform": platform_label(facts.shop)},
        why=_(
            "Make an access for Kleep in your shop and enter it here. A guide stands beside the form; it"
            " takes about five minutes."
        ),
        action=_("Enter the credentials"),
        url=reverse("access", args=[facts.shop.slug]),
        state=State.COMPLETED if is_given else State.INCOMPLETE,
        fact=str(connection.config.get("url", "")) if connection else _("Not given yet"),
    )


def _check(facts: Facts) -> Task:
    state, fact = _check_state(facts.of(Access))
    return Task(
        key="check",
        short=_("Check"),
        title=_("Check what Kleep can read"),
        why=_(
            "We ask your shop for each kind of data once, and tell you which permission is missing and"
            " where to tick it."
        ),
        action=_("Open the check"),
        url=reverse("check", args=[facts.shop.slug]),
        state=state,
        fact=fact,
    )


def _check_state(known: Access) -> tuple[State, str]:
    if known.connection is None:
        return State.LOCKED, _("Comes after the access")
    if known.check is None:
        return State.INCOMPLETE, _("Not tested yet")
    if known.check.finished_at is None:
        return State.WORKING, _("Running now")
    if known.check_is_ok:
        return State.COMPLETED, _("Everything that is needed can be read")
    return State.PROBLEM, _("Something that is needed cannot be read")


def _pull(facts: Facts) -> Task:
    state, fact = _pull_state(facts.of(Access))
    return Task(
        key="pull",
        short=_("First pull"),
        title=_("Bring in your data"),
        why=_(
            "We read your catalogue, orders and customers, gently and in small pages, so that your"
            " visitors notice nothing. You may close the page meanwhile."
        ),
        action=_("Open the pull"),
        url=reverse("pull", args=[facts.shop.slug]),
        state=state,
        fact=fact,
    )


def _pull_state(known: Access) -> tuple[State, str]:
    states = {run.state for run in known.runs}
    if known.is_waiting or PullRun.State.RUNNING in states:
        return State.WORKING, _("Running now")
    if PullRun.State.FAILED in states:
        return State.PROBLEM, _("One part stopped")
    if states:
        return State.COMPLETED, _("Complete")
    if known.check is None or known.check.finished_at is None:
        return State.LOCKED, _("Comes after the check")
    return State.INCOMPLETE, _("Not started yet")


def _data(facts: Facts) -> Task:
    return Task(
        key="data",
        short=_("Your data"),
        title=_("Look at what arrived"),
        why=_("See how many products and orders Kleep has, and a few of them."),
        action=_("Open the data"),
        url=reverse("data", args=[facts.shop.slug]),
        state=State.COMPLETED if facts.of(Access).has_data else State.LOCKED,
        fact=_("Counts, a preview and files to download")
        if facts.of(Access).has_data
        else _("Comes after the first pull"),
    )


PHASE = Phase(
    key="access",
    title=gettext_lazy("Access to your data"),
    make=(_access, _check, _pull, _data),
)
