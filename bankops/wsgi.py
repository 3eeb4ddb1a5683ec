"""The web application for any WSGI server."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from bankops.core.durability import require_durable_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bankops.settings.dev")
gc.disable()  # while all is loaded: a fifth of that time
application = get_wsgi_application()
require_durable_database()

from bankops.installation import require_our_books  # noqa: E402 - there are models only now

require_our_books()

# What is loaded by now stays as long as the process. The collector need not go through it whenever it looks for garbage,
# which took a sixth of the time that a batch of transfers takes.
assert get_resolver().url_patterns
gc.collect()
gc.freeze()
gc.enable()
