"""What came of an attempt to deliver a message, and what it means in plain words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Kept as a key: a sentence is said in the language of whoever reads it.
REASONS: dict[str, str | Promise] = {
    "mail_server": _("The mail server did not take it."),
    "address": _(
        "The address cannot be used: it is wrong, its certificate is not trusted, or it is private."
    ),
    "silent": _("Nothing answered at the address in time."),
    "redirect": _("It answered that the address has moved. Enter the new one: it is not followed."),
    "too_large": _("It answered with far too much. Is this the address of a webhook?"),
    "status": _("It did not take the message."),
    "gone": _("It answered that it is gone for good (410), and was switched off."),
    "switched_off": _("It was switched off."),
    "unreadable": _(
        "What is stored of it does not open with the portal's keys. Enter its address again."
    ),
}
FINAL = ("too_large", "gone", "switched_off", "unreadable")  # another attempt would change nothing


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`error`: a key of REASONS, blank where it was delivered. `retry_after`: seconds it asked us to wait."""

    error: str = ""
    status: int | None = None
    answer: str = ""
    retry_after: float | None = None

    @property
    def is_final(self) -> bool:
        return self.error in FINAL
