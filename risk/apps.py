from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RiskConfig(AppConfig):
    name = "risk"
    verbose_name = _("Risk")

    def ready(self) -> None:
        from risk import case_records, checks, end_of_day, list_notices, operations, permissions, personal_records
        from risk import notice_kinds as _kinds  # noqa: F401  # they are declared when they are read
        from risk import reason_sentences as sentences
        from risk.screening import kyc_check, reason_sentences

        checks.register_all()
        permissions.declare_all()
        operations.register_all()
        personal_records.register_all()
        case_records.register_all()
        list_notices.register()
        reason_sentences.register_all()
        sentences.register_all()
        kyc_check.install()
        end_of_day.register_all()
