"""What happened to a shop, in the reader's language: each kind of Event and its sentence."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onboarding.models import Event

SENTENCES: dict[str, str | Promise] = {
    "merchant_created": _("The company was added"),
    "erasure_asked": _("An erasure was asked for"),
    "shopper_erased": _("A shopper was erased"),
    "shop_erased": _("A shop was erased with all its data"),
    "shop_created": _("The shop was added"),
    "platform_chosen": _("The platform was chosen"),
    "credentials_saved": _("New credentials were tested and saved"),
    "access_shared": _("The access of another shop is used"),
    "secret_compared": _("A stored credential was compared"),
    "check_started": _("A check was started"),
    "first_pull_set": _("The beginning of the first pull was set"),
    "pull_started": _("A pull was started"),
    "pull_released": _("A pull that had brought little was released"),
    "pull_held": _("A pull brought much less than before and is held"),
    "pull_failed": _("A pull has failed after its last attempt"),
    "pull_recovered": _("What had failed was pulled again"),
    "connection_broken": _("Kleep cannot read the shop any more"),
    "connection_recovered": _("Kleep can read the shop again"),
    "files_ingested": _("Files were taken"),
    "sftp_key_added": _("An SFTP key was added"),
    "sftp_key_removed": _("An SFTP key was removed"),
    "configuration_saved": _("The questions about the products were answered"),
    "file_way_chosen": _("The way in which files come was chosen"),
    "file_rules_set": _("What is done with files was changed"),
    "file_server_saved": _("Your SFTP server was tested and saved"),
    "files_looked_for": _("Files were looked for on the server"),
    "file_received": _("A file arrived"),
    "file_answered": _("A question about a file was answered"),
    "host_key_changed": _("Your SFTP server showed another host key: we stopped"),
    "file_missing": _("An expected file did not arrive"),
    "owner_assigned": _("Somebody of Kleep was put in charge"),
    "note_written": _("Kleep wrote a note"),
    "nudged": _("The company was reminded"),
    "pulls_paused": _("The reading of the shop was paused"),
    "pulls_resumed": _("The reading of the shop goes on"),
    "pull_retried": _("A pull was tried again"),
    "range_repulled": _("A range of dates is read again"),
    "cursor_reset": _("A kind of data is read again from its beginning"),
    "lease_released": _("A pull was taken from its worker"),
    "keys_rotated": _("Stored credentials were sealed with a newer key"),
    "run_log_exported": _("The log of a pull was downloaded"),
    "message_sent_again": _("A message was sent again"),
    "seen_by_staff": _("Kleep looked at these pages"),
    "data_exported": _("Data was downloaded"),
    "pages_looked_at": _("The product pages were looked at"),
    "page_changed": _("Something else was found on a product page"),
    "widget_settings_saved": _("The settings of the button were changed"),
    "product_pages_saved": _("The product pages to look at were changed"),
    "storefront_access_saved": _("A user name and a password for the storefront were saved"),
    "storefront_access_removed": _("The password for the storefront was removed"),
    "member_invited": _("Somebody was invited"),
    "invitation_renewed": _("An invitation was sent again"),
    "invitation_revoked": _("An invitation was withdrawn"),
    "member_joined": _("An invitation was accepted"),
    "member_added": _("Somebody was added by Kleep"),
    "role_changed": _("Somebody got another role"),
    "member_removed": _("Somebody was removed"),
    "page_check_started": _("The product pages were looked at"),
    "line_signed": _("A line of the checklist was signed"),
    "line_withdrawn": _("A signature under a line was taken back"),
    "golive_confirmed": _("The merchant confirmed the checklist"),
    "golive_sent_back": _("Kleep sent the checklist back"),
    "golive_approved": _("Kleep approved the go-live"),
    "golive_verified": _("Production was verified: the shop is live"),
    "golive_undone": _("The go-live was undone"),
    "page_broken": _("A product page of the live shop broke"),
    "page_recovered": _("The product pages of the live shop are right again"),
    "handed_off": _("A task was handed to somebody by a link"),
    "hand_off_opened": _("The link to a task was opened"),
    "hand_off_revoked": _("The link to a task was withdrawn"),
    "hand_off_renewed": _("The link to a task was sent again"),
}

# Of Kleep's own business: not on the merchants' pages.
INTERNAL = ("owner_assigned", "note_written", "message_sent_again")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One event as a page shows it; `who` is blank for what the portal did by itself."""

    at: datetime
    title: str
    who: str
    detail: str = ""  # event_details.of()

    @classmethod
    def of(cls, event: Event) -> "Line":
        title = str(SENTENCES.get(event.kind, event.kind))
        return cls(at=event.at, title=title, who=str(event.by or ""))
