"""For Kleep's support: people, who belongs to a merchant, how people log in, what staff edited.

Superusers edit people here, and who belongs to a merchant, through onboarding.services, which writes down who
did it. Nobody edits an address, a session or the list of edits.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from connectors.admin_base import LookOnly, OnlyAskedByFilters
from onboarding import services
from onboarding.admin_support import person
from onboarding.models import Membership, User


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
class UserAdmin(OnlyAskedByFilters, DjangoUserAdmin[User]):
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
    # For whoever only reads: not a letter of a password's hash, and Django's own lists are long.
    seen = (
        (None, {"fields": ("email", "name", "language")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "staff_role", "is_superuser")}),
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

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj and not self.has_change_permission(request, obj):
            return self.seen
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Whose address it is was proved by the invitation: another address is another invitation."""
        return (*self.readonly_fields, *(["email"] if obj else []))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only who belongs to no merchant: leaving one is written down, and withdraws what they sent."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and obj.membership_set.exists())


@admin.register(Membership)
class MembershipAdmin(OnlyAskedByFilters, admin.ModelAdmin[Membership]):
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
            services.change_role(before, obj.role, by=person(request))
        else:
            made = services.give_membership(obj.merchant, obj.user, obj.role, by=person(request))
            obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        services.remove_member(obj, by=person(request))


for _of_allauth in (Authenticator, EmailAddress, UserSession):
    admin.site.unregister(_of_allauth)


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


@admin.register(EmailAddress)
class EmailAddressAdmin(LookOnly, admin.ModelAdmin[Any]):
    """On allauth's own page an address could be changed, or called verified, that nobody has proved."""

    list_display = ("email", "user", "primary", "verified")
    list_select_related = ("user",)
    list_filter = ("primary", "verified")
    search_fields = ("email", "user__email")


@admin.register(UserSession)
class UserSessionAdmin(LookOnly, admin.ModelAdmin[Any]):
    """Where people are logged in. allauth's own page would show the session's key, which opens it."""

    fields = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_display = ("user", "created_at", "last_seen_at", "ip")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(LogEntry)
class LogEntryAdmin(LookOnly, admin.ModelAdmin[LogEntry]):
    """Who edited what here: people, memberships, second factors. Actions are in the events of the shops."""

    fields = ("action_time", "user", "content_type", "object_repr", "change_message")
    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag")
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag",)
    search_fields = ("user__email", "object_repr")
    date_hierarchy = "action_time"
