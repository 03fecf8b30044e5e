"""People and the merchants that they belong to."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class StaffRole(models.TextChoices):
    MANAGER = "manager", _("Onboarding manager")
    APPROVER = "approver", _("Approver")
    SUPPORT = "support", _("Support")  # reads and retries only


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail. `is_staff` means Kleep's staff."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(max_length=8, blank=True)
    is_staff = models.BooleanField(default=False)
    # What somebody of Kleep's staff may do; blank for merchants' people.
    staff_role = models.CharField(max_length=16, choices=StaffRole.choices, default="", blank=True)
    # The merchant whose shops somebody looks at who belongs to several; None: all of them.
    company = models.ForeignKey(
        "Merchant", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]
        # Few among the merchants' people, and offered on every page of the console.
        indexes = [
            models.Index(fields=["name", "email"], condition=models.Q(is_staff=True), name="staff")
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Merchant(models.Model):
    """A tenant. Its id is the `tenant` of its connections."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    members = models.ManyToManyField(User, through="Membership", related_name="merchants")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        DEVELOPER = "developer", _("Developer")
        VIEWER = "viewer", _("Viewer")

    user = models.ForeignKey(User, models.CASCADE)
    merchant = models.ForeignKey(Merchant, models.CASCADE)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.OWNER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "merchant"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user} in {self.merchant}"
