"""Who may see and change which shop: the one place where rows are scoped by membership.

A shop of another tenant does not exist for a person: 404. A viewer sees everything of their merchant and
changes nothing: 403. Kleep's staff see everything; its managers and approvers change it, support and who has
no role yet only read. Whoever holds a hand-off link does one task of one shop: for them everything else asks
to log in.
"""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from onboarding import links
from onboarding.models import Actor, HandOff, Membership, Merchant, Shop, StaffRole, User

CHANGING_ROLES = (Membership.Role.OWNER, Membership.Role.DEVELOPER)
CHANGING_STAFF = (StaffRole.MANAGER, StaffRole.APPROVER)


GONE, NOT_FOUND = 410, 404
# In a session: the shop whose pages staff see as its people do, changing nothing.
LOOKING = "looking"


class MemberRequest(HttpRequest):
    """A request of a person who is logged in, or, on the pages of a task, of whoever holds its link."""

    user: User  # on pages that a link opens, ask `actor`
    actor: Actor
    hand_off: HandOff | None  # the link, where the actor holds one
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


def merchants(user: User) -> QuerySet[Merchant]:
    """The merchants that this person sees."""
    return Merchant.objects.all() if user.is_staff else Merchant.objects.filter(members=user)


def chosen_merchant(user: User) -> Merchant | None:
    """The one of several whose shops this person looks at; None: all of theirs."""
    return merchants(user).filter(pk=user.company_id).first() if user.company_id else None


def shops(user: User) -> QuerySet[Shop]:
    """The shops that this person sees."""
    known = Shop.objects.select_related("merchant", "connection", "connection__circuit")
    return known if user.is_staff else known.filter(merchant__in=merchants(user))


def changeable_merchants(user: User) -> QuerySet[Merchant]:
    """The merchants whose shops this person may change."""
    if user.is_staff:
        return Merchant.objects.all() if _changes_all(user) else Merchant.objects.none()
    return Merchant.objects.filter(membership__user=user, membership__role__in=CHANGING_ROLES)


def _changes_all(staff: User) -> bool:
    return staff.is_superuser or staff.staff_role in CHANGING_STAFF


def can_change(user: User, merchant: Merchant) -> bool:
    if user.is_staff:
        return _changes_all(user)
    return changeable_merchants(user).filter(pk=merchant.pk).exists()


def manageable_merchants(user: User) -> QuerySet[Merchant]:
    """The merchants whose people this person invites and removes: owners do, and Kleep's managers."""
    if user.is_staff:
        may = user.is_superuser or user.staff_role == StaffRole.MANAGER
        return Merchant.objects.all() if may else Merchant.objects.none()
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER)
    return Merchant.objects.filter(membership__in=owned)


def may_change(request: MemberRequest, shop: Shop) -> bool:
    """Whether the actor may change what this page shows of the shop: a link opens no page to look only."""
    actor = request.actor
    if isinstance(actor, HandOff):
        return True
    return can_change(actor, shop.merchant) and not is_looking(request, shop)


def member_page(view: View) -> View:
    """A page for everybody who is logged in. The view gets a MemberRequest."""

    @login_required
    def for_members(request: MemberRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        request.actor, request.hand_off = request.user, None
        return view(request, *args, **kwargs)

    @wraps(view)
    def page(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        if cast(MemberRequest, request).htmx and not request.user.is_authenticated:
            # A log-in page has no place in the middle of a page that updates itself.
            return HttpResponseClientRefresh()
        return for_members(cast(MemberRequest, request), *args, **kwargs)

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
        if not can_change(request.user, shop.merchant) or is_looking(request, shop):
            raise PermissionDenied
        return view(request, shop, **kwargs)

    return shop_page(page)


def is_looking(request: MemberRequest, shop: Shop) -> bool:
    """Whether somebody of the staff sees this shop's pages as its people do: nothing is changed then."""
    return request.user.is_staff and request.session.get(LOOKING) == shop.slug


def shop_task(key: str, *, viewers: bool = False) -> Callable[[View], View]:
    """A page or action of one task: for members who may do it, and for whoever holds a link to that task.

    `viewers`: the page changes nothing, so that viewers see it too. The view asks `request.actor` who it is.
    """

    def decorate(view: View) -> View:
        for_members = shop_page(view) if viewers else shop_change(view)

        @wraps(view)
        def page(request: MemberRequest, slug: str, **kwargs: str) -> HttpResponseBase:
            user = request.user
            link = links.of_session(request.session, slug, key)
            if (
                link is not None
                and user.is_authenticated
                and shops(user).filter(slug=slug).exists()
            ):
                link = None  # whoever belongs to the shop needs no link to it
            if link is None:
                return for_members(request, slug=slug, **kwargs)
            if not link.is_open:
                return link_over(request, link)
            request.actor = request.hand_off = link
            shop = Shop.objects.select_related("merchant", "connection").get(pk=link.shop_id)
            return view(request, shop, **kwargs)

        return page

    return decorate


def link_over(request: HttpRequest, link: links.Link | None) -> HttpResponseBase:
    """Says that the link has run out, was withdrawn or is none, and whom to ask for another one."""
    if cast(MemberRequest, request).htmx:
        return HttpResponseClientRefresh()
    return render(
        request, "people/link_over.html", {"link": link}, status=GONE if link else NOT_FOUND
    )


def merchant_page(view: View) -> View:
    """A page of one merchant: the view gets a MemberRequest and the merchant in place of its id."""

    @wraps(view)
    def page(request: MemberRequest, merchant: str, **kwargs: str) -> HttpResponseBase:
        found = get_object_or_404(merchants(request.user), pk=merchant)
        return view(request, found, **kwargs)

    return member_page(page)


def merchant_change(view: View) -> View:
    """An action on the people of a merchant: its owners', and Kleep's managers'."""

    @wraps(view)
    def page(request: MemberRequest, merchant: Merchant, **kwargs: str) -> HttpResponseBase:
        if not manageable_merchants(request.user).filter(pk=merchant.pk).exists():
            raise PermissionDenied
        return view(request, merchant, **kwargs)

    return merchant_page(page)


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
