"""Who may see and change which shop: the one place where rows are scoped by membership.

A shop of another tenant does not exist for a person: 404. A viewer sees everything of their merchant and
changes nothing: 403. Kleep's staff see and change everything.
"""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from onboarding.models import Membership, Merchant, Shop, User

CHANGING_ROLES = (Membership.Role.OWNER, Membership.Role.DEVELOPER)


class MemberRequest(HttpRequest):
    """A request of a person who is logged in."""

    user: User
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


def merchants(user: User) -> QuerySet[Merchant]:
    """The merchants that this person sees."""
    return Merchant.objects.all() if user.is_staff else Merchant.objects.filter(members=user)


def shops(user: User) -> QuerySet[Shop]:
    """The shops that this person sees."""
    return Shop.objects.select_related("merchant", "connection").filter(
        merchant__in=merchants(user)
    )


def changeable_merchants(user: User) -> QuerySet[Merchant]:
    """The merchants whose shops this person may change."""
    if user.is_staff:
        return Merchant.objects.all()
    return Merchant.objects.filter(membership__user=user, membership__role__in=CHANGING_ROLES)


def can_change(user: User, merchant: Merchant) -> bool:
    return changeable_merchants(user).filter(pk=merchant.pk).exists()


def member_page(view: View) -> View:
    """A page for everybody who is logged in. The view gets a MemberRequest."""
    for_members = login_required(view)

    @wraps(view)
    def page(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        if cast(MemberRequest, request).htmx and not request.user.is_authenticated:
            # A log-in page has no place in the middle of a page that updates itself.
            return HttpResponseClientRefresh()
        return for_members(request, *args, **kwargs)

    return page


def shop_page(view: View) -> View:
    """A page of one shop: the view gets a MemberRequest and the shop itself in place of its slug."""

    @wraps(view)
    def page(request: MemberRequest, slug: str, **kwargs: str) -> HttpResponseBase:
        shop = get_object_or_404(shops(request.user), slug=slug)
        return view(request, shop, **kwargs)

    return member_page(page)


def shop_change(view: View) -> View:
    """A page or action that changes a shop: refused to viewers."""

    @wraps(view)
    def page(request: MemberRequest, shop: Shop, **kwargs: str) -> HttpResponseBase:
        if not can_change(request.user, shop.merchant):
            raise PermissionDenied
        return view(request, shop, **kwargs)

    return shop_page(page)


def shop_task(key: str) -> Callable[[View], View]:
    """A page or action that belongs to the task of that key, for whoever may do it."""

    def decorate(view: View) -> View:
        return shop_change(view)

    return decorate


def staff_page(view: View) -> View:
    """A page of Kleep's staff: for everybody else it does not exist."""

    @wraps(view)
    def page(request: MemberRequest, **kwargs: str) -> HttpResponseBase:
        if not request.user.is_staff:
            raise Http404
        return view(request, **kwargs)

    return member_page(page)


def staff_change(*roles: str) -> Callable[[View], View]:
    """An action of Kleep's staff in one of those roles; a superuser may always."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: MemberRequest, **kwargs: str) -> HttpResponseBase:
            if request.user.staff_role not in roles and not request.user.is_superuser:
                raise PermissionDenied
            return view(request, **kwargs)

        return staff_page(page)

    return decorate
