"""What every signature of a go-live has in common: who may give it, the row it leaves, why it is refused."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onboarding.checklist import Checklist
from onboarding.golive import GoLive
from onboarding.models import Decision, Shop, StaffRole, Tick, User
from onboarding.services.recording import record

APPROVING = (StaffRole.MANAGER, StaffRole.APPROVER)


class RefusedError(Exception):
    """A signature that cannot be given now; `text` says why, and what to do."""

    def __init__(self, text: str | Promise) -> None:
        self.text = text
        super().__init__(str(text))


NO_PAGES = _("Enter the address of a product page first.")
NOT_LOOKED = _("The machine has not looked at every page yet. Run the check first.")
OPEN_LINES = _("Something on the checklist is still open. Look at the lines that are not done.")
CHANGED = _("The page has changed meanwhile. Look at it again, and sign again.")
NOT_CONFIRMED = _("The merchant has not confirmed, or the page has changed since.")
SAME_PERSON = _("You signed for the merchant. Somebody else of Kleep must approve.")
NOT_THE_MERCHANTS = _(
    "Only somebody of the merchant confirms. Ask an owner or a developer to sign; Kleep approves then."
)
NOT_ALLOWED = _("Only an onboarding manager or an approver may do this.")
NOT_LIVE = _("There is nothing to undo: the shop is neither approved nor live.")
NO_REASON = _("Write down why, so that the others understand.")


def must_be_allowed(by: User) -> None:
    if by.staff_role not in APPROVING and not by.is_superuser:
        raise RefusedError(NOT_ALLOWED)


def locked(shop: Shop) -> GoLive:
    """The facts as they are while nobody else signs."""
    return GoLive(Shop.objects.select_for_update(of=("self",)).get(pk=shop.pk))


def decide(
    shop: Shop,
    kind: Decision.Kind,
    *,
    by: User | None,
    checklist: Checklist,
    reason: str = "",
    reasons: Mapping[str, str] | None = None,
) -> Decision:
    made = Decision.objects.create(
        shop=shop,
        kind=kind,
        by=by,
        reason=reason.strip(),
        reasons=dict(reasons or {}),
        fingerprint=checklist.fingerprint,
    )
    made.runs.set(checklist.newest.values())
    record(shop, f"golive_{kind}", by=by, decision=made.pk, reason=made.reason)
    return made


def withdraw(shop: Shop, item: str) -> int:
    mine = Tick.objects.filter(shop=shop, item=item, withdrawn_at=None)
    return mine.update(withdrawn_at=timezone.now())
