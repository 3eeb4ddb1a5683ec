"""Every address of the partners' API (docs/partners.md). The last one answers for all that are none."""

from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from bankops.core.api.description import DescriptionView
from bankops.core.api.views import ErrorTableView, GuideView, NotFoundView

app_name = "api"

urlpatterns = [
    path("schema", DescriptionView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("docs/errors", ErrorTableView.as_view(), name="errors"),
    path("docs/guide", GuideView.as_view(), name="guide"),
    path("v1/", include("notifications.api.urls")),
    path("v1/", include("transactions.api.urls")),
    path("<path:rest>", NotFoundView.as_view(), name="not_found"),
]
