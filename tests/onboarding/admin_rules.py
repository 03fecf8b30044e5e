"""Who may do what in the administration: every table's pages and every action. One without a rule fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.onboarding.conftest import World

ROLES = ("anonymous", "owner", "staff", "support", "approver", "manager", "superuser")
WITHOUT_SECOND_FACTOR = ("support alone", "manager alone", "superuser alone")
EVERYBODY = (*ROLES, *WITHOUT_SECOND_FACTOR)

READERS = frozenset({"support", "approver", "manager", "superuser"})
RETRYING = frozenset({"support", "manager", "superuser"})
REPAIRING = frozenset({"manager", "superuser"})
SUPERUSERS = frozenset({"superuser"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Action:
    """Who may, and the Event that it leaves; `sent`: what is typed beside, as a function of the World."""

    may: frozenset[str]
    event: str
    sent: Callable[[World], Mapping[str, str]] = lambda _world: {}


@dataclass(frozen=True)
class Table:
    """Who may open and change one table; the usual one is read, and nothing else."""

    read: frozenset[str] = READERS
    add: frozenset[str] = NOBODY
    change: frozenset[str] = NOBODY
    delete: frozenset[str] = NOBODY
    actions: Mapping[str, Action] = field(default_factory=dict)


def _slug(world: World) -> dict[str, str]:
    return {"typed": world.shop.slug}


REMOVES = Action(SUPERUSERS, "", lambda _world: {"post": "yes"})
RETRY = Action(RETRYING, "pull_retried")
CHECK = Action(RETRYING, "check_started")

# Tables with another rule than the usual one.
TABLES: dict[str, Table] = {
    "auth.Group": Table(
        SUPERUSERS, SUPERUSERS, SUPERUSERS, SUPERUSERS, {"delete_selected": REMOVES}
    ),
    "onboarding.User": Table(
        READERS, SUPERUSERS, SUPERUSERS, SUPERUSERS, {"delete_selected": REMOVES}
    ),
    "onboarding.Membership": Table(READERS, SUPERUSERS, SUPERUSERS, SUPERUSERS),
    "mfa.Authenticator": Table(delete=SUPERUSERS, actions={"delete_selected": REMOVES}),
    "onboarding.Shop": Table(actions={"check_again": CHECK}),
    "connectors.Connection": Table(
        actions={"check_again": CHECK, "seal_anew": Action(REPAIRING, "keys_rotated")}
    ),
    "connectors.Cursor": Table(
        actions={
            "retry": RETRY,
            "start_over": Action(REPAIRING, "cursor_reset", _slug),
            "release_lease": Action(REPAIRING, "lease_released", _slug),
        }
    ),
    "connectors.PullRun": Table(
        actions={
            "retry": RETRY,
            "release_held": Action(REPAIRING, "pull_released"),
            "export_log": Action(READERS, "run_log_exported"),
        }
    ),
}

# Pages of our own, beside those that Django makes for every table.
OTHERS: dict[str, frozenset[str]] = {
    "connectors_connection_seal_everything": REPAIRING,
    "auth_user_password_change": SUPERUSERS,
}
