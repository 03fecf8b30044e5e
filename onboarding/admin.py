"""For Kleep's support: people, merchants, shops and what happened to them.

People are edited here, and who belongs to a merchant, through onboarding.services, which writes down who did
it. A shop's state is not: it changes on the portal's own pages.
"""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from connectors.admin import LookOnly
from onboarding import (
    admin_console as admin_console,  # their pages, too
)
from onboarding import (
    admin_files as admin_files,
)
from onboarding import (
    admin_golive as admin_golive,
)
from onboarding import (
    admin_links as admin_links,
)
from onboarding import services
from onboarding.models import Event, Membership, Merchant, Shop, User

# The portal's own log-in has rate limits and the second factor; the admin's has neither.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = _("Kleep portal: support")
admin.site.site_title = _("Kleep portal")


class NewUserForm(AdminUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email", "name")


class EditUserForm(UserChangeForm[User]):
    class Meta:
        model = User
        fields = "__all__"


class MembershipForm(ModelForm[Membership]):
    class Meta:
        model = Membership
        fields = ("user", "merchant", "role")

    def clean_role(self) -> str:
        role = str(self.cleaned_data["role"])
        before = Membership.objects.filter(pk=self.instance.pk).first()
        if before and role != before.role and services.is_last_owner(before):
            raise ValidationError(_("This is the last owner. Make somebody else an owner first."))
        return role


class MembershipInline(LookOnly, admin.TabularInline[Membership, Any]):
    """Changed on its own page, where it is written down."""

    model = Membership
    show_change_link = True


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    form = EditUserForm
    add_form = NewUserForm
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": ("name", "language")}),
        (
            _("Permissions"),
            {
                "fields": (
                    *("is_active", "is_staff", "staff_role", "is_superuser"),
                    *("groups", "user_permissions"),
                )
            },
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")
    list_display = ("email", "name", "is_staff", "staff_role", "is_active", "last_login")
    list_filter = ("is_staff", "staff_role", "is_superuser", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    inlines = (MembershipInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Whose address it is was proved by the invitation: another address is another invitation."""
        return (*self.readonly_fields, *(["email"] if obj else []))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only who belongs to no merchant: leaving one is written down, and withdraws what they sent."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and obj.membership_set.exists())


class ShopInline(LookOnly, admin.TabularInline[Shop, Merchant]):
    model = Shop
    fields = ("name", "slug", "environment", "connection")
    show_change_link = True


@admin.register(Merchant)
class MerchantAdmin(LookOnly, admin.ModelAdmin[Merchant]):
    fields = ("id", "name", "created_at")
    list_display = ("name", "created_at")
    search_fields = ("name", "id__exact", "members__email")
    inlines = (ShopInline, MembershipInline)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin[Membership]):
    form = MembershipForm
    actions = None  # each is removed on its own page: the last owner stays
    list_display = ("user", "merchant", "role")
    list_select_related = ("user", "merchant")
    list_filter = ("role",)
    search_fields = ("user__email", "merchant__name")
    autocomplete_fields = ("user", "merchant")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Membership | None = None
    ) -> tuple[str, ...]:
        return ("user", "merchant") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and services.is_last_owner(obj))

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        if change:
            before = Membership.objects.select_related("user", "merchant").get(pk=obj.pk)
            services.change_role(before, obj.role, by=_person(request))
        else:
            made = services.give_membership(obj.merchant, obj.user, obj.role, by=_person(request))
            obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        services.remove_member(obj, by=_person(request))


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # the admin lets nobody else in
    return request.user


@admin.register(Shop)
class ShopAdmin(LookOnly, admin.ModelAdmin[Shop]):
    fields = (
        *("merchant", "name", "slug", "environment", "storefront_url", "connection", "store"),
        "created_at",
    )
    list_display = ("name", "slug", "merchant", "environment", "connection", "created_at")
    list_select_related = ("merchant", "connection")
    list_filter = ("environment", ("connection", admin.EmptyFieldListFilter))
    search_fields = ("name", "slug", "merchant__name", "storefront_url")
    date_hierarchy = "created_at"
    actions = ("check_again",)

    @admin.action(description=_("Check again"), permissions=["view"])
    def check_again(self, request: HttpRequest, queryset: QuerySet[Shop]) -> None:
        shops = queryset.filter(connection__isnull=False).select_related("connection")
        for shop in shops:
            services.start_check(shop, by=_person(request))
        self.message_user(
            request, _("%(count)d checks queued.") % {"count": len(shops)}, messages.SUCCESS
        )


@admin.register(Event)
class EventAdmin(LookOnly, admin.ModelAdmin[Event]):
    list_display = ("at", "kind", "merchant", "shop", "actor")
    list_select_related = ("merchant", "shop", "actor")
    list_filter = ("kind",)
    search_fields = ("shop__slug__exact", "merchant__name", "actor__email")
    date_hierarchy = "at"


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(LookOnly, admin.ModelAdmin[Any]):
    """A person's second factor. allauth's own page would show its secret."""

    fields = ("user", "type", "created_at", "last_used_at")
    list_display = fields
    list_select_related = ("user",)
    list_filter = ("type",)
    search_fields = ("user__email",)

    def has_delete_permission(self, request: HttpRequest, *args: Any) -> bool:
        """The way out for somebody who lost their telephone: the person's own request, verified."""
        return request.user.is_active and request.user.is_superuser
