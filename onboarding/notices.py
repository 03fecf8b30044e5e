"""What stands in the way of a shop's data by itself, in the merchant's words, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.connections import secrets_age
from connectors.models import Connection, PullRun
from onboarding import moments
from onboarding.models import Shop
from onboarding.phases import Access, Facts

# After a year a credential has been seen by people who have left since.
OLD = timedelta(days=365)
DAYS_OF_A_MONTH = 30.4


@dataclass(frozen=True, kw_only=True)
class Notice:
    """`url` and `action`: what the merchant can do; blank where it is nothing."""

    tone: str
    title: str
    text: str
    url: str = ""
    action: str = ""


def of(shop: Shop, facts: Facts | None = None) -> list[Notice]:
    """The most urgent one first; none where all goes well. `facts`: what is known of the shop already."""
    known = (facts or Facts(shop)).of(Access)
    if known.connection is None:
        return []
    return [*_refused(known), *_silent(known), *_paused(known.connection), *_held(known)]


def old_secrets(connection: Connection | None) -> Notice | None:
    """A reminder to make new ones; None while they are young."""
    age = secrets_age(connection) if connection else None
    if age is None or age < OLD:
        return None
    months = int(age.days / DAYS_OF_A_MONTH)
    return Notice(
        tone="warn",
        title=_("These credentials are %(months)s months old.") % {"months": months},
        text=_(
            "Renew them once a year: make new ones in your shop and enter them here. We try the new ones"
            " before they replace the old ones, so nothing stops meanwhile."
        ),
    )


def _refused(known: Access) -> Iterator[Notice]:
    if known.is_refused:
        yield Notice(
            tone="bad",
            title=_("Your shop no longer accepts Kleep's credentials."),
            text=_(
                "Somebody may have changed or removed Kleep's access in your shop. What has arrived is"
                " kept. Enter new credentials, and everything goes on by itself."
            ),
            url=reverse("access", args=[known.shop.slug]),
            action=_("Enter new credentials"),
        )


def _silent(known: Access) -> Iterator[Notice]:
    if known.try_at is None or known.is_refused:
        return
    yield Notice(
        tone="warn",
        title=_("Your shop does not answer Kleep."),
        text=_(
            "It failed several times in a row, so we leave it alone for now. We try again at %(time)s"
            " and go on by ourselves. If your shop is open to visitors, ask whoever hosts it whether"
            " something blocks Kleep."
        )
        % {"time": clock(known.try_at)},
    )


def _paused(connection: Connection) -> Iterator[Notice]:
    if connection.paused_at:
        yield Notice(
            tone="calm",
            title=_("Kleep has paused the reading of your shop."),
            text=_("What has arrived is kept. Your contact at Kleep can say when it goes on."),
        )


def _held(known: Access) -> Iterator[Notice]:
    for run in known.runs:
        if run.state == PullRun.State.HELD:
            resource = run.cursor.connection.connector_class.resource(run.cursor.resource)
            yield Notice(
                tone="warn",
                title=_("Much less came than before: %(what)s.") % {"what": resource.label},
                text=_(
                    "%(now)s instead of %(before)s. Nothing was removed here: Kleep looks at it first."
                    " If you removed that much on purpose, tell your contact at Kleep, and it goes on."
                )
                % {"now": run.params.get("now", "?"), "before": run.params.get("before", "?")},
            )


def clock(moment: datetime) -> str:
    """The time of day; with the date where that is not today's."""
    is_today = timezone.localdate(moment) == timezone.localdate()
    return moments.in_words(moment, "H:i" if is_today else "j F, H:i")
