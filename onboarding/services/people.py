"""Who belongs to a merchant: invited, joined, in another role, removed."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from onboarding import mail
from onboarding.models import HandOff, Invitation, Membership, Merchant, User
from onboarding.models.links import in_a_week, new_seal
from onboarding.services.hand_offs import revoke_hand_off
from onboarding.services.recording import record
from onboarding.services.shops import create_merchant, create_shop


class AlreadyMemberError(Exception):
    """Whoever has this address belongs to the merchant already."""


class LastOwnerError(Exception):
    """Without an owner nobody could invite or remove anybody: the last one stays."""


class InvitationOverError(Exception):
    """The invitation was used, withdrawn, or has run out."""


def invite_merchant(
    name: str, *, shop: str = "", email: str, owner: str, language: str, by: User
) -> Invitation:
    """A new merchant, its first shop where one is named, and the invitation of its first owner."""
    with transaction.atomic():
        merchant = create_merchant(name, by=by)
        if shop:
            create_shop(merchant, shop, by=by)
        return invite(merchant, email=email, name=owner, language=language, by=by)


def invite(
    merchant: Merchant,
    *,
    email: str,
    name: str = "",
    role: str = Membership.Role.OWNER,
    language: str = "",
    by: User,
) -> Invitation:
    """Ask somebody to join. Takes the place of an earlier invitation. Raises AlreadyMemberError."""
    email = User.objects.normalize_email(email).lower()
    if Membership.objects.filter(merchant=merchant, user__email__iexact=email).exists():
        raise AlreadyMemberError
    with transaction.atomic():
        earlier = merchant.invitations.filter(email=email, accepted_at=None, revoked_at=None)
        earlier.update(revoked_at=timezone.now())
        invitation = merchant.invitations.create(
            email=email, name=name, role=role, language=language, created_by=by
        )
        record(merchant, "member_invited", by=by, email=email, role=role)
        mail.send("invitation", to=invitation)
    return invitation


def renew_invitation(invitation: Invitation, *, by: User) -> None:
    """Another link, for a week from now. Raises InvitationOverError where somebody has joined with it."""
    with transaction.atomic():
        renewed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(
            seal=new_seal(), expires_at=in_a_week(), revoked_at=None
        )
        if not renewed:
            raise InvitationOverError
        record(invitation.merchant, "invitation_renewed", by=by, email=invitation.email)
        mail.send("invitation", to=invitation)


def revoke_invitation(invitation: Invitation, *, by: User) -> None:
    """The link opens nothing from now on."""
    mine = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    with transaction.atomic():
        if mine.update(revoked_at=timezone.now()):
            record(invitation.merchant, "invitation_revoked", by=by, email=invitation.email)


def register(invitation: Invitation, *, name: str, password: str, language: str) -> User:
    """An account for whoever was invited, and their membership. Raises InvitationOverError.

    The invitation came to their address: it is proved by that.
    """
    with transaction.atomic():
        _use(invitation)
        user = User.objects.create_user(
            invitation.email, password, name=name, language=language or invitation.language
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        _enter(invitation, user)
    return user


def join(invitation: Invitation, user: User) -> Membership:
    """Become a member, once. Raises InvitationOverError; nothing has changed then."""
    with transaction.atomic():
        _use(invitation)
        return _enter(invitation, user)


def _use(invitation: Invitation) -> None:
    """Of two that use it at once, one gets it."""
    now = timezone.now()
    mine = Invitation.objects.filter(pk=invitation.pk, seal=invitation.seal, accepted_at=None)
    if not mine.filter(revoked_at=None, expires_at__gt=now).update(accepted_at=now):
        raise InvitationOverError


def _enter(invitation: Invitation, user: User) -> Membership:
    """Who is a member already keeps their role."""
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    merchant = invitation.merchant
    membership, is_new = Membership.objects.get_or_create(
        user=user, merchant=merchant, defaults={"role": invitation.role}
    )
    if is_new:
        record(merchant, "member_joined", by=user, role=membership.role)
    return membership


def give_membership(merchant: Merchant, user: User, role: str, *, by: User) -> Membership:
    """Somebody who has an account belongs to the merchant from now on, without an invitation."""
    with transaction.atomic():
        made = Membership.objects.create(merchant=merchant, user=user, role=role)
        record(merchant, "member_added", by=by, email=user.email, role=role)
    return made


def change_role(membership: Membership, role: str, *, by: User) -> None:
    """Raises LastOwnerError."""
    with transaction.atomic():
        before = _locked(membership)
        if before.role == role:
            return
        _keep_an_owner(before)
        Membership.objects.filter(pk=membership.pk).update(role=role)
        data = {"email": membership.user.email, "before": before.role, "after": role}
        record(membership.merchant, "role_changed", by=by, **data)


def remove_member(membership: Membership, *, by: User) -> None:
    """They see nothing of the merchant from now on; their account stays. Raises LastOwnerError.

    What they sent out opens nothing any more, either: it might have gone to themselves.
    """
    merchant, user = membership.merchant, membership.user
    with transaction.atomic():
        _keep_an_owner(_locked(membership))
        record(merchant, "member_removed", by=by, email=user.email)
        membership.delete()
        theirs = {"created_by": user, "revoked_at": None, "expires_at__gt": timezone.now()}
        for link in HandOff.objects.filter(shop__merchant=merchant, **theirs):
            revoke_hand_off(link, by=by)
        for invitation in merchant.invitations.filter(accepted_at=None, **theirs):
            revoke_invitation(invitation, by=by)


def is_last_owner(membership: Membership) -> bool:
    """Whether nobody else could invite and remove people."""
    owners = Membership.objects.filter(
        merchant=membership.merchant_id, role=Membership.Role.OWNER
    ).exclude(pk=membership.pk)
    return membership.role == Membership.Role.OWNER and not owners.exists()


def _locked(membership: Membership) -> Membership:
    """As it is now; no other change of this merchant's people happens meanwhile."""
    Merchant.objects.select_for_update().get(pk=membership.merchant_id)
    return Membership.objects.get(pk=membership.pk)


def _keep_an_owner(membership: Membership) -> None:
    if is_last_owner(membership):
        raise LastOwnerError
