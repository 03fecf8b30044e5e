"""The record of what is stored: each table, what of a person is in it, how long it stays, how it goes.

docs/privacy.md is printed from here; a table without an entry fails a test.
"""

from collections.abc import Iterator
from textwrap import wrap

from django.apps import apps
from django.conf import settings

from connectors.datasets import DATASETS
from onboarding import retention

OF_SHOPPERS = {"customer_ref", "gender", "birth_year", "country", "comment", "order_id"}
NOBODY = "nothing"

# Table: what it holds; what of a person; until when.
TABLES: dict[str, tuple[str, str, str]] = {
    "admin.LogEntry": ("what staff did in the admin", "the staff member", "with the person"),
    "auth.Group": ("groups of staff", NOBODY, "for ever"),
    "auth.Permission": ("Django's permissions", NOBODY, "for ever"),
    "contenttypes.ContentType": ("Django's list of tables", NOBODY, "for ever"),
    "sessions.Session": (
        "who is logged in",
        "the person's number",
        "two weeks, then daily removal",
    ),
    "account.EmailAddress": ("addresses of accounts", "e-mail address", "with the person"),
    "account.EmailConfirmation": ("addresses to be proved", "e-mail address", "with the person"),
    "mfa.Authenticator": ("second factors, sealed", "the person's key", "with the person"),
    "usersessions.UserSession": (
        "where a person is logged in",
        "IP address, browser",
        "with the session",
    ),
    "connectors.Connection": ("address and sealed credentials of a shop", NOBODY, "with the shop"),
    "connectors.Check": ("tests of the permissions", NOBODY, "KEEP_HISTORY_DAYS, the newest stays"),
    "connectors.CheckLine": ("what each answered", NOBODY, "with its check"),
    "connectors.Circuit": ("whether a shop is left alone", NOBODY, "with the shop"),
    "connectors.Cursor": ("how far a shop was read", NOBODY, "with the shop"),
    "connectors.PullRun": (
        "pulls and their counts",
        NOBODY,
        "KEEP_HISTORY_DAYS, without changes KEEP_IDLE_RUNS_DAYS, the newest stays",
    ),
    "connectors.PullSpan": ("parts of a pull under way", NOBODY, "with the pull"),
    "connectors.SeenPage": ("ids seen by a pull under way", NOBODY, "with the pull"),
    "connectors.ProductLink": ("variants of products", NOBODY, "with the shop"),
    "connectors.ReceivedFile": (
        "files that a shop sent, and reports on them",
        "whatever the file holds",
        "content and report FILE_KEEP_DAYS, the line with the shop",
    ),
    "connectors.SeenFile": ("files seen on an SFTP server", NOBODY, "with the shop"),
    "connectors.FileAnswers": ("what columns of files mean", NOBODY, "with the shop"),
    "connectors.ErasedShopper": (
        "keyed hashes of shoppers who asked to be forgotten",
        "keyed hash",
        "for ever: it is what keeps them forgotten",
    ),
    "onboarding.User": (
        "accounts",
        "name, e-mail address, language",
        "with the merchant, or by hand",
    ),
    "onboarding.Merchant": ("companies", NOBODY, "until erased"),
    "onboarding.Membership": ("who belongs to which company", "the person", "with either"),
    "onboarding.Shop": ("shops", NOBODY, "until erased"),
    "onboarding.ProductConfiguration": ("how products are described", NOBODY, "with the shop"),
    "onboarding.PageLook": (
        "what was found on product pages without a browser",
        NOBODY,
        "with the shop",
    ),
    "onboarding.ProductPage": ("pages to look at", NOBODY, "with the shop"),
    "onboarding.Standing": ("where a shop stands, computed", NOBODY, "with the shop"),
    "onboarding.Note": (
        "notes of Kleep's staff",
        "whatever staff write; who wrote it",
        "with the shop",
    ),
    "onboarding.SavedView": ("filters of the pipeline", "whose they are", "with the person"),
    "onboarding.StorefrontAccess": ("sealed password of a test site", NOBODY, "with the shop"),
    "onboarding.Invitation": (
        "invitations",
        "name, e-mail address",
        "KEEP_MAILS_DAYS after its end",
    ),
    "onboarding.HandOff": (
        "links to one task",
        "name, e-mail address",
        "KEEP_MAILS_DAYS after its end",
    ),
    "onboarding.Mail": (
        "e-mails and posts to webhooks",
        "name, e-mail address",
        "KEEP_MAILS_DAYS after it was sent or given up",
    ),
    "onboarding.MailChoice": ("when staff want their e-mails", "whose it is", "with the person"),
    "onboarding.Webhook": (
        "programs and chats that are told, their addresses sealed",
        "the address of who saved it",
        "until removed by hand",
    ),
    "onboarding.Incident": (
        "what did not work, and until when",
        NOBODY,
        "KEEP_HISTORY_DAYS after its end",
    ),
    "onboarding.Event": (
        "what happened, chained",
        "the number of who did it",
        "with the merchant; its words go with the shop",
    ),
    "onboarding.Erasure": (
        "what was erased, in numbers",
        "of a shopper the keyed hash, until they are gone; who asked",
        "for ever",
    ),
    "onboarding.ApiClient": ("programs that read the API", NOBODY, "until revoked by hand"),
    "onboarding.FileSource": (
        "where files come from, its password sealed",
        NOBODY,
        "with the shop",
    ),
    "onboarding.Upload": ("uploads that are not complete", "whatever the file holds", "a day"),
    "onboarding.UploadPart": ("their parts", "whatever the file holds", "a day"),
    "onboarding.SftpAccount": ("users of the SFTP server", NOBODY, "with the merchant"),
    "onboarding.SftpKey": ("public keys", "the name given to the key", "until removed"),
    "onboarding.PageRun": ("looks at product pages", NOBODY, "with the shop"),
    "onboarding.Evidence": ("pictures of product pages", NOBODY, "with its run"),
    "onboarding.Tick": ("who confirmed what", "the person", "with the shop"),
    "onboarding.Decision": ("who approved, sent back, undid", "the person", "with the shop"),
    "onboarding.Certificate": ("papers of a go-live", "names of who signed", "with the shop"),
}


OF_PEOPLE = """
Of shoppers no name, e-mail or postal address, telephone number, IP address or payment data is kept: the
mappers name what they keep, and the rest never becomes a value in memory. A shopper is a keyed hash
(HMAC-SHA256 with `PSEUDONYM_KEY`, per merchant), which leads back to nobody without that key.
"""
ERASING = """
Managers erase from a shop's page in the console: it says first what will go and what stays, asks for the
slug, the name or the address once more, and leaves a report to download; a worker does it in slices and
goes on after whatever interrupts it. The same by command: `manage.py erase shopper --merchant NAME` (the
address on stdin) removes the shopper's orders, returns and account in all shops of the merchant, and
remembers the hash: what the shop still has comes in without it. `erase shop SLUG` removes a shop with its
data, files and pictures; of its events the kinds, times and hashes stay, so that the chain can still be
verified. `erase merchant NAME` removes all of it and the accounts of people who belong to no other
company. Each leaves a line of numbers. Backups keep what they had until they are deleted.
"""


def page() -> str:
    return "\n".join(_lines()) + "\n"


def of_datasets() -> set[str]:
    """Labels of the tables whose columns the datasets declare."""
    from connectors.models import TABLES as ROWS  # beside our own of that name

    return {table._meta.label for table in ROWS.values()}


def missing() -> set[str]:
    """Tables that this record does not speak of."""
    every = {model._meta.label for model in apps.get_models()}
    return every - set(TABLES) - of_datasets()


def _lines() -> Iterator[str]:
    yield from (
        "# What is stored, for whom, how long",
        "",
        "Printed by `manage.py describe_storage` from the declarations; a test keeps it true.",
        "",
        *_paragraph(OF_PEOPLE),
        "",
        "## Data of the shops",
        "",
        "| dataset | of a shopper | stays |",
        "|---|---|---|",
    )
    for dataset in DATASETS.values():
        names = [column.name for column in dataset.stored if column.name in OF_SHOPPERS]
        kept = "until the shop has it no more, or is erased"
        if dataset.name in ("orders", "returns"):
            kept = "`KEEP_ORDERS_MONTHS`"
        yield f"| {dataset.name} | {', '.join(names) or NOBODY} | {kept} |"
    yield from (
        "",
        "## Everything else",
        "",
        "| table | holds | of a person | stays |",
        "|---|---|---|---|",
    )
    for label, (holds, person, stays) in sorted(TABLES.items()):
        yield f"| {label} | {holds} | {person} | {stays} |"
    yield from _retention()
    yield from (
        "",
        "## Erasing",
        "",
        *_paragraph(ERASING),
    )


def _paragraph(text: str) -> list[str]:
    return wrap(text, 120)


def _retention() -> Iterator[str]:
    yield from (
        "",
        "## What goes by itself, daily",
        "",
        "| what | setting | default |",
        "|---|---|--:|",
    )
    for rule in retention.RULES:
        yield f"| {rule.what} | `{rule.setting}` | {getattr(settings, rule.setting)} |"
    yield f"| content and report of received files | `FILE_KEEP_DAYS` | {settings.FILE_KEEP_DAYS} |"
