"""The people who work here. Written by `staff.services` only."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from simple_history import register

from bankops.core import ids
from bankops.core.actor import Actor
from staff.errors import SuperusersDoNotExist
from staff.models.branch import Branch

EMPLOYEE_NUMBER = r"^[A-Z][A-Z0-9-]{1,19}$"


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        """Keep people who may sign in."""
        return self.filter(is_active=True)

    def holding(self, role: str) -> UserQuerySet:
        """Keep people who hold a role."""
        return self.filter(groups__name=role)


class UserManager(BaseUserManager["User"]):
    """Finds people by employee number in any letter case. Makes none: `staff.services.hire_user` does."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def active(self) -> UserQuerySet:
        return self.get_queryset().active()

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(employee_number=str(username or "").strip().upper())

    def create_superuser(self, *_args: Any, **_fields: Any) -> NoReturn:
        raise SuperusersDoNotExist


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff. Rights come from roles only: there are no superusers and no rights given to one person."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    employee_number = models.CharField(
        _("employee number"),
        max_length=20,
        unique=True,
        validators=[RegexValidator(EMPLOYEE_NUMBER, _("A letter, then letters, digits or dashes."))],
    )
    full_name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("branch")
    )

    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(_("must change password"), default=True)
    # Raised to end every session of this person at once: sessions carry a hash over it.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    joined_at = models.DateTimeField(_("joined at"))

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "employee_number"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        default_permissions = ("view",)
        permissions = [
            ("hire_user", _("Can hire somebody")),
            ("grant_role", _("Can grant a role")),
            ("revoke_role", _("Can revoke a role")),
            ("disable_user", _("Can disable a sign-in")),
            ("enable_user", _("Can enable a sign-in")),
            ("reset_second_factor", _("Can reset somebody's second factor")),
            ("reset_password", _("Can reset somebody's password")),
            ("unlock_user", _("Can unlock a sign-in")),
        ]
        constraints = [
            # Nobody stands outside the permission matrix.
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="user_no_superusers"),
            # One person, one spelling: "e1001" and "E1001" cannot be two people.
            models.CheckConstraint(
                condition=models.Q(employee_number=Upper("employee_number"))
                & models.Q(employee_number__regex=EMPLOYEE_NUMBER),
                name="user_employee_number_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_number} {self.full_name}"

    @property
    def public_id(self) -> str:
        """The id that the audit trail records."""
        return ids.encode("usr", self.id)

    @property
    def is_staff(self) -> bool:
        """Everybody in this table may enter the back office; what they see there depends on their roles."""
        return True

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    def as_actor(self) -> Actor:
        """Return this person as services and the audit trail know them."""
        return Actor(kind="staff", id=self.public_id, name=self.full_name)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Cover the session epoch beside the password, so that raising it ends every session at its next click."""
        covered = f"{self.password}:{self.session_epoch}"
        return salted_hmac("staff.User.session", covered, secret=secret, algorithm="sha256").hexdigest()


# A user model that is swapped in cannot carry HistoricalRecords itself: the history points back to it.
register(User, app="staff", excluded_fields=["password", "last_login", "session_epoch"])
