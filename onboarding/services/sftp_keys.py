"""The keys that open a merchant's account on Kleep's SFTP server.

They open the folders of all its shops. Who came by a link to one shop adds keys, and sees and removes only
those.
"""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from connectors import sshkeys
from connectors.sshkeys import KeyRefusedError, Pair, PublicKey
from onboarding import sftp_accounts
from onboarding.models import Actor, HandOff, SftpAccount, SftpKey, Shop
from onboarding.services.recording import record

MOST_KEYS = 20  # of one account: sshd tries them one after the other


def keys_of(shop: Shop, *, by: Actor | None) -> QuerySet[SftpKey]:
    """The keys of the shop's merchant that one may see and remove."""
    keys = SftpKey.objects.filter(account__merchant=shop.merchant)
    return keys.filter(hand_off=by) if isinstance(by, HandOff) else keys


def add_sftp_key(shop: Shop, name: str, text: str, *, by: Actor | None) -> SftpKey:
    """Let in whoever holds the private part of the key that was pasted. Raises KeyRefusedError."""
    return _add(shop, name, sshkeys.read(text), by=by)


def make_sftp_key(shop: Shop, name: str, *, by: Actor | None) -> Pair:
    """A new pair: its public part is stored, the whole is given back once. Raises KeyRefusedError."""
    pair = sshkeys.make_pair(f"kleep-{shop.slug}")
    _add(shop, name, pair.public, by=by)
    return pair


def remove_sftp_key(shop: Shop, key_id: int, *, by: Actor | None) -> None:
    """Refused at the next log-in. Raises SftpKey.DoesNotExist, also where it is not one's to remove."""
    with transaction.atomic():
        key = keys_of(shop, by=by).get(pk=key_id)
        key.delete()
        record(shop, "sftp_key_removed", by=by, name=key.name, fingerprint=key.fingerprint)


def _add(shop: Shop, name: str, key: PublicKey, *, by: Actor | None) -> SftpKey:
    account = _account(shop)
    if account.keys.count() >= MOST_KEYS:
        raise KeyRefusedError(
            _("There are many keys already. Remove those that nobody uses first.")
        )
    try:
        with transaction.atomic():
            made = SftpKey.objects.create(
                account=account,
                name=(name or key.comment or key.type)[:100],
                line=key.line,
                created_by=str(getattr(by, "email", by) or ""),
                hand_off=by if isinstance(by, HandOff) else None,
            )
            record(shop, "sftp_key_added", by=by, name=made.name, fingerprint=made.fingerprint)
    except IntegrityError:
        raise KeyRefusedError(_("This key is there already.")) from None
    return made


def _account(shop: Shop) -> SftpAccount:
    """Made with the merchant's first key."""
    with transaction.atomic():
        found = SftpAccount.objects.filter(merchant=shop.merchant).first()
        return found or SftpAccount.objects.create(
            merchant=shop.merchant, username=sftp_accounts.free_username(shop.merchant)
        )
