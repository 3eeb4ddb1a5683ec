from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from notifications import event_types, operations, own_notices, permissions

        permissions.declare_all()
        operations.register_all()
        event_types.declare_own()
        own_notices.register()
