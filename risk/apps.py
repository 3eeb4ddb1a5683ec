from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RiskConfig(AppConfig):
    name = "risk"
    verbose_name = _("Risk")

    def ready(self) -> None:
        from risk import end_of_day, notice_kinds, operations, permissions, personal_records  # noqa: F401  # kinds are declared when they are read

        permissions.declare_all()
        operations.register_all()
        end_of_day.register_all()
        personal_records.register_all()
