"""Which files of a folder may be taken, and what is said of those that are left: rules without I/O."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connectors.datasets import ORDERS, PRODUCTS, RETURN_REASONS, RETURNS
from connectors.files import names
from connectors.fileserver import Entry

FOLDERS = tuple(dataset.name for dataset in (PRODUCTS, ORDERS, RETURNS, RETURN_REASONS))
ARCHIVE = "archive"  # below each of them
# What programs call a file while they write it.
TEMPORARY = re.compile(
    r"\..*|.*~|.*\.(part|filepart|tmp|temp|crdownload|partial|swp|lock)", re.IGNORECASE
)
GOOD_NAME = re.compile(r"[\w .()+-]{1,200}", re.ASCII)
TABLES = re.compile(r".*\.(csv|txt|tsv|xlsx?|ods)(\.gz|\.zip)?|.*\.zip", re.IGNORECASE)

NOTES: dict[str, Promise] = {
    "link": _("A link, a folder or a device, no file: we do not follow it."),
    "name": _("This name has signs that we do not take. Use letters, digits, dots, dashes and _."),
    "kind": _(
        "Not a CSV file, so it stays where it is. Its name must end in .csv, .csv.gz or .zip."
    ),
    "folder": _("By its name it belongs to another folder. Move it there, or rename it."),
    "large": _("Larger than we take. Split it into several files."),
    "quota": _("More has come today than we take in a day. We take this one tomorrow."),
    "growing": _("Just arrived: we take it as soon as it no longer changes."),
    "not_aside": _("Taken, but the server did not let us put it into the folder archive."),
    "unreadable": _("The server does not let us read it. Check the permissions of the file."),
}


@dataclass(frozen=True, kw_only=True)
class Note:
    """Why a file was left where it is. `code` of NOTES."""

    path: str
    code: str

    @property
    def text(self) -> str:
        return str(NOTES[self.code])


def shown(path: str) -> str:
    """For people: what is no text is replaced, what is long is cut."""
    readable = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in path)
    return readable[:200]


def objection(folder: str, entry: Entry) -> str | None:
    """Why it is not taken: a code of NOTES, blank where nothing need be said; None where it may be."""
    if not entry.is_file:
        return "" if entry.name == ARCHIVE else "link"
    if TEMPORARY.fullmatch(entry.name):
        return ""
    if not GOOD_NAME.fullmatch(entry.name):
        return "name"
    if not TABLES.fullmatch(entry.name):
        return "kind"
    if names.read(entry.name).dataset not in ("", folder):
        return "folder"
    return "large" if entry.size > settings.FILE_MAX_BYTES else None


def may_be_noted(path: str) -> bool:
    """Whether the table can hold it: a temporary name may be anything."""
    return path.isprintable() and len(path) <= 500
