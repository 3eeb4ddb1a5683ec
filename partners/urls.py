"""Where partners' systems get a token and give it back. The OAuth library's other endpoints stay shut."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from partners import oauth

app_name = "oauth"

urlpatterns = [
    # Whoever posts here shows a secret, and no browser's cookie counts.
    path("token", csrf_exempt(oauth.Give.as_view()), name="token"),
    path("revoke", csrf_exempt(oauth.TakeBack.as_view()), name="revoke"),
]
