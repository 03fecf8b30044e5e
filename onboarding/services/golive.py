"""Kleep's side of a go-live: approve, send back, verify production, undo."""

from collections.abc import Mapping
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connectors import schedule
from onboarding import mail, tasks
from onboarding.golive import GoLive, Stage
from onboarding.models import Decision, Membership, PageRun, Shop, Tick, User
from onboarding.services.deciding import (
    NO_REASON,
    NOT_CONFIRMED,
    NOT_LIVE,
    OPEN_LINES,
    SAME_PERSON,
    RefusedError,
    decide,
    locked,
    must_be_allowed,
    withdraw,
)
from onboarding.services.recording import record
from onboarding.signed_lines import WANTED, By

TASK = _("Check the button and sign")


def approve(shop: Shop, *, by: User) -> Decision:
    """Kleep's signature, by another person than the merchant's. Raises RefusedError."""
    must_be_allowed(by)
    with transaction.atomic():
        facts = locked(shop)
        confirmed = facts.newest
        if facts.stage is not Stage.CONFIRMED or confirmed is None:
            raise RefusedError(NOT_CONFIRMED)
        if by.pk in _signers(shop, confirmed):
            raise RefusedError(SAME_PERSON)
        if facts.preprod.blockers:
            raise RefusedError(OPEN_LINES)
        made = decide(shop, Decision.Kind.APPROVED, by=by, checklist=facts.preprod)
        if shop.connection is not None and facts.last(Decision.Kind.UNDONE):
            schedule.resume(shop.connection)
        _tell(shop, "approved", page="golive", decision=made)
    return made


def _signers(shop: Shop, confirmed: Decision) -> set[int | None]:
    """Whoever signed anything for the merchant."""
    lines = [one.key for one in WANTED.values() if one.by is By.MERCHANT]
    ticks = Tick.objects.filter(shop=shop, item__in=lines, withdrawn_at=None)
    return {confirmed.by_id, *ticks.values_list("by_id", flat=True)}


def send_back(
    shop: Shop, *, by: User, reason: str = "", reasons: Mapping[str, str] | None = None
) -> Decision:
    """Back to the merchant with a reason for each line; those signatures are void. Raises RefusedError."""
    must_be_allowed(by)
    given = {key: text.strip() for key, text in (reasons or {}).items() if text.strip()}
    if not given and not reason.strip():
        raise RefusedError(NO_REASON)
    with transaction.atomic():
        facts = locked(shop)
        if facts.stage is not Stage.CONFIRMED:
            raise RefusedError(NOT_CONFIRMED)
        for item in given:
            withdraw(shop, item)
        made = decide(
            shop,
            Decision.Kind.SENT_BACK,
            by=by,
            checklist=facts.preprod,
            reason=reason,
            reasons=given,
        )
        said = " ".join(filter(None, [reason.strip(), *given.values()]))
        _tell(shop, "sent_back", page="validate", decision=made, reason=said, task=TASK)
    return made


def verify_production(shop: Shop) -> Decision | None:
    """Live, where Kleep has approved and the machine finds production as it should be."""
    with transaction.atomic():
        facts = locked(shop)
        is_fine = facts.production.is_complete and not any(
            row.blocks for row in facts.production.machine
        )
        if facts.stage is not Stage.APPROVED or not is_fine or not _is_looked_at_since(facts):
            return None
        made = decide(shop, Decision.Kind.VERIFIED, by=None, checklist=facts.production)
        _set_environment(shop, Shop.Environment.PRODUCTION)
        _tell(shop, "live", page="golive", decision=made)
        transaction.on_commit(partial(tasks.print_certificate_soon, made.pk))
    return made


def _is_looked_at_since(facts: GoLive) -> bool:
    """Every page, after Kleep approved: what was seen before a go-live was undone proves nothing."""
    approved = facts.newest
    runs = facts.production.newest.values()
    return approved is not None and all(run.asked_at >= approved.at for run in runs)


def print_certificate(shop: Shop) -> None:
    """Ask for the paper of its go-live where it is not printed in every language yet."""
    decision = GoLive(shop).last(Decision.Kind.VERIFIED)
    if decision is not None and decision.certificates.count() < len(settings.LANGUAGES):
        tasks.print_certificate_soon(decision.pk)


def undo_go_live(shop: Shop, *, by: User, reason: str) -> Decision:
    """Take a shop off: pulls pause, the data stays, the merchant is told how to remove the button.

    Raises RefusedError.
    """
    must_be_allowed(by)
    if not reason.strip():
        raise RefusedError(NO_REASON)
    with transaction.atomic():
        facts = locked(shop)
        if facts.stage not in (Stage.APPROVED, Stage.LIVE):
            raise RefusedError(NOT_LIVE)
        made = decide(shop, Decision.Kind.UNDONE, by=by, checklist=facts.production, reason=reason)
        _set_environment(shop, Shop.Environment.PREPROD)
        others = Shop.objects.filter(connection=shop.connection).exclude(pk=shop.pk)
        if shop.connection is not None and not others.exists():
            schedule.pause(shop.connection)
        _tell(shop, "undone", page="golive", decision=made, reason=reason.strip())
    return made


def note_page_change(run: PageRun, *, is_fine: bool) -> None:
    """A live shop's page broke, or is right again. Whoever signed for it is told of a break, once."""
    shop = run.shop
    with transaction.atomic():
        record(shop, "page_recovered" if is_fine else "page_broken", by=None, run=run.pk)
        if not is_fine:
            _tell(shop, "page_broken", page="golive", decision=None, once=f"run {run.pk}")


def _set_environment(shop: Shop, environment: Shop.Environment) -> None:
    """Which of Kleep's folders the shop's data goes to."""
    Shop.objects.filter(pk=shop.pk).update(environment=environment)
    shop.environment = environment


def _tell(
    shop: Shop,
    kind: str,
    *,
    page: str,
    decision: Decision | None,
    once: str = "",
    **more: str | Promise,
) -> None:
    """The merchant's people who may change the shop, each in their language."""
    members = Membership.objects.filter(merchant=shop.merchant).exclude(role=Membership.Role.VIEWER)
    for member in members.select_related("user"):
        with translation.override(member.user.language or settings.LANGUAGE_CODE):
            said = {name: str(text) for name, text in more.items()}
        mail.send(
            kind,
            to=member.user,
            shop=shop,
            once=once or (f"decision {decision.pk}" if decision else ""),
            path=reverse(page, args=[shop.slug]),
            **said,
        )
