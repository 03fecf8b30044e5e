"""Names that people give to shops, companies and one another: one line, in the direction it is written."""

import re
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# What ends a line or controls a terminal, and what turns the words around it: a name stands in the middle of
# sentences, of the portal's and of its e-mails. The joiners of scripts and emoji are left in peace.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class NameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        said = _("A name is one line, without invisible characters. Type it instead of pasting it.")
        self.validators.append(RegexValidator(UNSEEN, said, inverse_match=True))
