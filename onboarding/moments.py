"""How a moment is said: by its date and hour in UTC, which stands on the hour's line."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

BREAKLESS = "\u00a0"
USUAL = "j N Y H:i"


def in_words(at: datetime, form: str = USUAL) -> str:
    """ "9 March 2026 14:05 UTC" in the reader's language. `form`: one of Django's date formats."""
    return f"{date_format(timezone.localtime(at), form)}{BREAKLESS}UTC"
