"""The Celery application: `celery -A bankops worker` and `celery -A bankops beat`."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init
from django_structlog.celery.steps import DjangoStructLogInitStep

from bankops.alarm import OutboxAlarm
from bankops.core.durability import end_unless_durable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bankops.settings.dev")

app = Celery("bankops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.steps["worker"].add(OutboxAlarm)
app.autodiscover_tasks()

worker_init.connect(end_unless_durable)
beat_init.connect(end_unless_durable)


@worker_init.connect
@beat_init.connect
def _end_unless_our_books(**signal: object) -> None:
    from bankops.installation import end_unless_our_books  # there are models only now

    end_unless_our_books(**signal)
