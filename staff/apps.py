from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Staff")
    default = True

    def ready(self) -> None:
        from bankops.core import rotation
        from staff import operations, permissions
        from staff.models import OneTimeCodeDevice

        permissions.declare_all()
        operations.register_all()
        rotation.register(
            rotation.Place(
                "staff_onetimecodedevice", "encrypted_secret", ("user_id",), OneTimeCodeDevice.secret_context
            )
        )


class BackOfficeAdminConfig(admin_apps.AdminConfig):
    """Django's admin on our site class."""

    default = False
    default_site = "staff.admin_site.BackOfficeSite"
