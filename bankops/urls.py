"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from bankops.core.health import healthz

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("", include("staff.urls")),
    path("healthz", healthz, name="healthz"),
    path("oauth/", include("partners.urls")),
    path("api/", include("bankops.api")),
    path("admin/", admin.site.urls),
]

handler403 = "staff.views.refused.refused"
handler404 = "staff.views.refused.not_found"
