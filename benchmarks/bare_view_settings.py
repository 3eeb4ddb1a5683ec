"""The product's settings with one address in place of all of ours, and next to no middleware."""

from bankops.settings.dev import *  # noqa: F403

ROOT_URLCONF = "benchmarks.bare_view_urls"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # which says how long an answer is
