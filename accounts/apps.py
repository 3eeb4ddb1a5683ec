from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import end_of_day, kyc_records, operations, permissions, personal_records

        permissions.declare_all()
        operations.register_all()
        end_of_day.register_all()
        personal_records.register_all()
        kyc_records.register_all()
