"""Where a shop stands on its way to being live: computed from the newest decision and the checklists."""

from enum import StrEnum
from functools import cached_property

from onboarding import signatures
from onboarding.checklist import Checklist
from onboarding.models import Decision, Shop
from onboarding.together import Together

Kind = Decision.Kind


class Stage(StrEnum):
    PREPARING = "preparing"  # the merchant's turn, before production
    CONFIRMED = "confirmed"  # Kleep's turn
    APPROVED = "approved"  # the merchant's turn: put it into production
    LIVE = "live"
    UNDONE = "undone"


class GoLive:
    """The facts of a shop's go-live, read once per page; `together`: the shops of the same page."""

    def __init__(self, shop: Shop, together: Together | None = None) -> None:
        self.shop, self.together = shop, together or Together([shop])

    @property
    def decisions(self) -> list[Decision]:
        """The newest first."""
        return self.together.read(signatures.decisions).get(self.shop.pk, [])

    @cached_property
    def preprod(self) -> Checklist:
        return Checklist(self.shop, Shop.Environment.PREPROD, self.together)

    @cached_property
    def production(self) -> Checklist:
        return Checklist(self.shop, Shop.Environment.PRODUCTION, self.together)

    @property
    def newest(self) -> Decision | None:
        return self.decisions[0] if self.decisions else None

    @cached_property
    def stage(self) -> Stage:
        match self.newest.kind if self.newest else None:
            case Kind.CONFIRMED if not self.is_outdated:
                return Stage.CONFIRMED
            case Kind.APPROVED:
                return Stage.APPROVED
            case Kind.VERIFIED:
                return Stage.LIVE
            case Kind.UNDONE:
                return Stage.UNDONE
        return Stage.PREPARING

    @cached_property
    def is_outdated(self) -> bool:
        """The merchant confirmed a page that has changed since, or that fails now."""
        newest = self.newest
        if newest is None or newest.kind != Kind.CONFIRMED:
            return False
        is_same = newest.fingerprint == self.preprod.fingerprint
        return not is_same or bool(self.preprod.merchant_blockers)

    def last(self, kind: str) -> Decision | None:
        return next((one for one in self.decisions if one.kind == kind), None)

    @property
    def sent_back(self) -> Decision | None:
        """Why Kleep sent it back, as long as the merchant has not confirmed again."""
        newest = self.newest
        return newest if newest and newest.kind == Kind.SENT_BACK else None
