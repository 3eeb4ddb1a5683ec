"""Where partners' systems read their events and webhooks: below `/api/v1/`."""

from django.urls import path

from notifications.api import deliveries, endpoints, events, replays

_ENDPOINT = "webhook-endpoints/<str:endpoint>"
_DELIVERY = "deliveries/<str:delivery>"

urlpatterns = [
    path("events", events.EventList.as_view(), name="events"),
    path("events/<str:event>", events.EventDetail.as_view(), name="event"),
    path("webhook-endpoints", endpoints.EndpointList.as_view(), name="webhook_endpoints"),
    path(_ENDPOINT, endpoints.EndpointDetail.as_view(), name="webhook_endpoint"),
    path(f"{_ENDPOINT}/deliveries", deliveries.EndpointDeliveries.as_view(), name="webhook_deliveries"),
    path(f"{_ENDPOINT}/replays", replays.Replays.as_view(), name="webhook_replays"),
    path(f"{_ENDPOINT}/test-events", endpoints.TestEvents.as_view(), name="webhook_test_events"),
    path(_DELIVERY, deliveries.DeliveryDetail.as_view(), name="delivery"),
    path(f"{_DELIVERY}/attempts", deliveries.DeliveryAttempts.as_view(), name="delivery_attempts"),
    path(f"{_DELIVERY}/replay", deliveries.DeliveryReplay.as_view(), name="delivery_replay"),
    path("replays/<str:replay>", replays.ReplayDetail.as_view(), name="replay"),
]
