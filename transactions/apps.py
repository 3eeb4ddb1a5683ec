from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransactionsConfig(AppConfig):
    name = "transactions"
    verbose_name = _("Transactions")

    def ready(self) -> None:
        from accounts import activity, settlement
        from bankops.core import repeats
        from transactions import end_of_day, event_readers, event_types, operations, permissions, personal_records
        from transactions.activity import active_since
        from transactions.services import duplicate_notes
        from transactions.services.closing import BOOKS

        permissions.declare_all()
        event_types.declare_all()
        event_readers.register_all()
        operations.register_all()
        personal_records.register_all()
        end_of_day.register_all()
        activity.install(active_since)
        settlement.install(BOOKS)
        repeats.install_observer(duplicate_notes.note_repeat)
        repeats.install_refusal_observer(duplicate_notes.note_refusal)
