"""The tables of the onboarding: people, shops, decisions, and the log of what happened."""

from onboarding.models.events import Event
from onboarding.models.people import Membership, Merchant, StaffRole, User, UserManager
from onboarding.models.shops import Shop

__all__ = [  # Django looks for every model here
    "Event",
    "Membership",
    "Merchant",
    "Shop",
    "StaffRole",
    "User",
    "UserManager",
]
