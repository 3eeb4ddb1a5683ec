"""The partners' pages. The OAuth library's own are shut: they would show and change past every door."""

from django.contrib import admin
from oauth2_provider import models as library

from partners.models import Credential

for _model in (Credential, library.AccessToken, library.Grant, library.IDToken, library.RefreshToken):
    admin.site.unregister(_model)

from partners.admin import pages  # noqa: E402 - after the library's page of our model is gone

__all__ = ["pages"]
