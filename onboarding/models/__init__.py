"""The tables of the onboarding: people, shops, decisions, and the log of what happened."""

from onboarding.models.api import ApiClient
from onboarding.models.configuration import ProductConfiguration
from onboarding.models.console import Note, SavedView, Standing
from onboarding.models.events import Event
from onboarding.models.files import FileSource, SftpAccount, SftpKey, Upload, UploadPart
from onboarding.models.golive import Certificate, Decision, Evidence, PageRun, Tick
from onboarding.models.links import HandOff, Invitation
from onboarding.models.mails import Mail
from onboarding.models.notifications import Incident, MailChoice, Webhook
from onboarding.models.people import Membership, Merchant, StaffRole, User, UserManager
from onboarding.models.privacy import Erasure
from onboarding.models.shops import Shop
from onboarding.models.widget import PageLook, ProductPage, StorefrontAccess

# Who does something: a person with an account, or whoever holds a hand-off link.
Actor = User | HandOff

__all__ = [  # Django looks for every model here
    "Actor",
    "ApiClient",
    "Certificate",
    "Decision",
    "Erasure",
    "Event",
    "Evidence",
    "FileSource",
    "HandOff",
    "Incident",
    "Invitation",
    "Mail",
    "MailChoice",
    "Membership",
    "Merchant",
    "Note",
    "PageLook",
    "PageRun",
    "ProductConfiguration",
    "ProductPage",
    "SavedView",
    "SftpAccount",
    "SftpKey",
    "Shop",
    "StaffRole",
    "Standing",
    "StorefrontAccess",
    "Tick",
    "Upload",
    "UploadPart",
    "User",
    "UserManager",
    "Webhook",
]
