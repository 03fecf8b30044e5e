"""Why a file cannot be taken at all: nothing of it is read farther then."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

REFUSALS: dict[str, Promise] = {
    "empty": _("The file is empty."),
    "header_only": _("The file has a header and no rows."),
    "too_large": _("The file is larger than %(limit)s. Split it into several files."),
    "too_many_rows": _("The file has more than %(limit)s rows. Split it into several files."),
    "spreadsheet": _(
        "This is a spreadsheet (%(kind)s). Open it and save it as “CSV UTF-8” (File > Save as): numbers and"
        " dates often change silently in spreadsheet files, so we take CSV only."
    ),
    "not_text": _(
        "This is no text file (%(kind)s). Export the data as CSV, one row per line, and send that."
    ),
    "archive": _(
        "This kind of archive (%(kind)s) cannot be opened. Send the CSV itself, or as .zip or .gz."
    ),
    "zip_bomb": _("The archive unpacks to far more than a CSV can be. Send the CSV itself."),
    "zip_empty": _("There is no CSV file in the archive."),
    "zip_several": _("There are several files in the archive. Send one archive for each file."),
    "zip_name": _("A file in the archive has a name that leads out of it. Make the archive again."),
    "zip_encrypted": _("The archive is protected by a password. Send it without."),
    "zip_nested": _("There is an archive in the archive. Send the CSV itself, or as .zip or .gz."),
    "damaged": _("The file is damaged or was cut off on its way. Send it again."),
    "encoding": _(
        "The letters of the file cannot be read (%(encoding)s). Save it as “CSV UTF-8” and send it again."
    ),
    "one_column": _(
        "The file seems to have one column only. Separate the columns by a comma or a semicolon."
    ),
    "no_header": _(
        "The first row is no header: it must hold the names of the columns. Take the template as a start."
    ),
    "missing_columns": _(
        "The file has no column for: %(columns)s. Add it, or name it as the template does."
    ),
    "other_dataset": _(
        "These are the columns of %(likely)s, and the file was sent as %(sent)s. Send it again as what it is."
    ),
    "repeated_heading": _("The header names %(heading)s twice. Remove or rename one of the two."),
    "mapped_twice": _("Two columns of the file were chosen for %(column)s. Choose one."),
    "too_many_columns": _("The header has more than %(limit)s columns. Is this the right file?"),
    "endless_row": _(
        "Row %(row)s does not end: a quotation mark was opened and never closed, or a cell is longer than"
        " %(limit)s characters."
    ),
    "too_wrong": _("Not one row of the file can be taken. The report says what is wrong in each."),
    "not_unique": _(
        "The same %(column)s stands in several orders: one would replace the other. It has to be unique in"
        " the shop: put the order's id in front of it, and in your returns too."
    ),
    "other_order": _(
        "%(column)s “%(line)s” belongs to order %(other)s already, and to %(order)s in this file. It has to"
        " be unique in the shop, and the order's id the same as in your shop's own data."
    ),
    "any_wrong": _("%(rows)s rows are wrong, and you chose to refuse such a file as a whole."),
    "lost": _("The content of the file is no longer here. Send it again."),
    "portal": _("Something went wrong on our side. Kleep has been told."),
}


class RefusedError(Exception):
    """`code` of REFUSALS, and what fills its sentence."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def message(self) -> str:
        """In the active language."""
        return sentence(self.code, self.params)


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """Of a refusal that was stored as code and params, in the active language, its numbers as well."""
    said = {name: _number(code, value) for name, value in params.items()}
    return str(REFUSALS[code]) % said if said else str(REFUSALS[code])


def _number(code: str, value: Any) -> Any:
    if not isinstance(value, int):
        return value
    if code == "too_large":  # bytes
        return gettext("%(size)s MB") % {"size": number_format(value >> 20, force_grouping=True)}
    return number_format(value, force_grouping=True)
