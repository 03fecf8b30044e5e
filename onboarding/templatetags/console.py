"""What the pages of the staff's console say: how long something has lasted, and what a cursor reads."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from onboarding import progress

register = template.Library()
register.filter("label_of", progress.label_of)


@register.simple_tag
def lasting(since: datetime) -> str:
    """ "3 days"; of less than a minute no figure is given."""
    if timezone.now() - since < timedelta(minutes=1):
        return _("just now")
    return timesince(since, depth=1)
