from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Staff")
    default = True

    def ready(self) -> None:
        from staff import operations, permissions

        permissions.declare_all()
        operations.register_all()


class BackOfficeAdminConfig(admin_apps.AdminConfig):
    """Django's admin on our site class."""

    default = False
    default_site = "staff.admin_site.BackOfficeSite"
