"""The demo: a merchant with two shops of the sandbox, and two people who can log in.

One shop is connected, so that there is something to look at; the other one waits for its credentials, so that
the whole way can be walked. Done again, it only sees to it that the log-ins are those of demo.json.
"""

import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from allauth.mfa.utils import decrypt, encrypt

from onboarding import connect_document, services
from onboarding.connect_document import Document
from onboarding.connecting import connect
from onboarding.models import Membership, Merchant, User
from onboarding.widget import snippet
from onboarding.widget.settings import WidgetSettings

MERCHANT = "Maison Démo"
TOTP_PERIOD = 30  # seconds
EMAILS = {"merchant": "merchant@demo.example", "staff": "staff@demo.example"}
# Of the sandbox, with permission to read all that Kleep needs.
CONNECTED, WAITING = "connect-read.json", "connect-commerce-read.json"
STOREFRONT, SNIPPET = "storefront.json", "snippet.html"


# As the storefront of the sandbox has it.
WIDGET = WidgetSettings(
    retailer_uuid="5b0c1f5e-6f0b-4c1c-9f5e-2d8d7b1f3a10",
    language="en",
    country="FR",
    variant_field="[name=variant], [name=selected_configurable_option]",
    consent_button="#consent-accept",
)


class DemoError(Exception):
    """The sandbox has not run here yet."""


@dataclass(frozen=True)
class Account:
    """`totp`: what makes the codes of the second factor, which Kleep's staff must have."""

    email: str
    password: str
    totp: str = ""


def seed(var: Path) -> Mapping[str, Account]:
    """People first, then the shops. Raises DemoError."""
    accounts = _accounts(var / "demo.json")
    people = {who: _person(account, is_staff=who == "staff") for who, account in accounts.items()}
    for who, person in people.items():
        _add_second_factor(person, accounts[who])
    merchant = Merchant.objects.filter(name=MERCHANT).first()
    merchant = merchant or services.create_merchant(MERCHANT, by=None)
    Membership.objects.get_or_create(user=people["merchant"], merchant=merchant)
    sandbox = var / "sandbox"
    _connect(merchant, connect_document.read(_content(sandbox / CONNECTED)))
    _add_storefront(merchant, sandbox)
    waiting = json.loads(_content(sandbox / WAITING))["shop"]
    if not merchant.shops.filter(name=waiting).exists():
        services.create_shop(merchant, waiting, by=None)
    return accounts


def _add_storefront(merchant: Merchant, sandbox: Path) -> None:
    """The connected shop's storefront has the button: what it would paste lies where the sandbox looks."""
    shop = merchant.shops.get(name=json.loads(_content(sandbox / CONNECTED))["shop"])
    url = json.loads(_content(sandbox / STOREFRONT))["url"]
    if not shop.widget:
        services.save_widget_settings(shop, WIDGET, by=None)
    if shop.storefront_url != url:
        shop.storefront_url = url
        shop.save(update_fields=["storefront_url"])
        page = f"{url}/products/good/linen-dress"
        services.set_product_pages(shop, shop.environment, [page], by=None)
    (sandbox / SNIPPET).write_text(snippet.of_shop(shop, shop.environment), encoding="utf-8")


def _accounts(file: Path) -> dict[str, Account]:
    """The log-ins, made at the first run and readable by this user alone."""
    if file.exists():
        stored = json.loads(file.read_text(encoding="utf-8"))
        return {who: Account(**account) for who, account in stored.items()}
    made = {who: Account(email, secrets.token_urlsafe(12)) for who, email in EMAILS.items()}
    made["staff"] = replace(made["staff"], totp=generate_totp_secret())
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({who: vars(account) for who, account in made.items()}, indent=2))
    draft.replace(file)
    return made


def _person(account: Account, *, is_staff: bool) -> User:
    """With the password of demo.json, whatever became of either since."""
    person = User.objects.filter(email=account.email).first()
    if person is None:
        create = User.objects.create_superuser if is_staff else User.objects.create_user
        return create(account.email, account.password)
    if not person.check_password(account.password):
        person.set_password(account.password)
        person.save(update_fields=["password"])
    return person


def _add_second_factor(person: User, account: Account) -> None:
    """As demo.json has it; a demo that was made before it had one sets it up at the next log-in."""
    if not account.totp:
        return
    mine = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if mine is None:
        TOTP.activate(person, account.totp)
    elif decrypt(mine.data["secret"]) != account.totp:
        Authenticator.objects.filter(pk=mine.pk).update(data={"secret": encrypt(account.totp)})


def code(var: Path) -> str:
    """What an authenticator app of the demo's staff shows now. Raises DemoError."""
    account = _accounts(var / "demo.json")["staff"]
    if not account.totp:
        raise DemoError("The second factor of the demo's staff was set up by a person.")
    return str(format_hotp_value(hotp_value(account.totp, int(time.time()) // TOTP_PERIOD)))


def _connect(merchant: Merchant, document: Document) -> None:
    """Anew only where the sandbox listens elsewhere: other credentials may have been tried since."""
    shop = merchant.shops.select_related("connection").filter(name=document.shop).first()
    url = document.form.to_config()["url"]
    if shop is None or shop.connection is None or shop.connection.config["url"] != url:
        connect(document)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise DemoError(f"{file} is missing: start `manage.py sandbox` first.") from None
