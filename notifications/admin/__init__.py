from notifications.admin import deliveries, endpoints, health, incidents, notices, partner_panel, replays

endpoints.install()
partner_panel.install()
replays.install()
health.install()
notices.install()

__all__ = ["deliveries", "endpoints", "health", "incidents", "notices", "partner_panel", "replays"]
