"""The web application for any WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from bankops.core.durability import require_durable_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bankops.settings.dev")
application = get_wsgi_application()
require_durable_database()

from bankops.installation import require_our_books  # noqa: E402 - there are models only now

require_our_books()
