from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = _("Partners")

    def ready(self) -> None:
        from partners import operations, permissions, scopes
        from staff.matrix import install_section

        permissions.declare_all()
        operations.register_all()
        install_section(scopes.as_markdown)
