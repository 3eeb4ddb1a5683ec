from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        from approvals import operations, permissions
        from approvals.services.submission import ApprovalGate
        from bankops.core.operations import install_gate

        permissions.declare_all()
        operations.register()
        install_gate(ApprovalGate())
