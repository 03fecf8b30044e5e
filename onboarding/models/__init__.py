"""The tables of the onboarding: people, shops, decisions, and the log of what happened."""

from onboarding.models.events import Event
from onboarding.models.people import Membership, Merchant, StaffRole, User, UserManager
from onboarding.models.shops import Shop
from onboarding.models.widget import ProductPage, StorefrontAccess

__all__ = [  # Django looks for every model here
    "Event",
    "Membership",
    "Merchant",
    "ProductPage",
    "Shop",
    "StaffRole",
    "StorefrontAccess",
    "User",
    "UserManager",
]
