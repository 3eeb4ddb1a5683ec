"""`manage.py load_list KEY FILE` or `manage.py load_list KEY --fetch`: take on an edition of a published list."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from risk.lists.fetching import fetched
from risk.models import EditionState, ListEdition
from risk.services.list_editions import known_list, load_list


class Command(BaseCommand):
    help = "Take on an edition of a published list, from files or from its publisher (docs/lists.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="which list, for example un_consolidated")
        parser.add_argument("file", nargs="?", type=Path, help="its file, or a folder with its files")
        parser.add_argument("--fetch", action="store_true", help="fetch it from the addresses in BANKOPS_LIST_URLS")

    def handle(self, *_args: Any, key: str, file: Path | None, fetch: bool, **_options: Any) -> None:
        if fetch == (file is not None):
            raise CommandError("Give either a file or --fetch.")
        try:
            edition = self._fetch(key) if file is None else self._load(key, file)
        except BankOpsError as error:
            raise CommandError(f"{error.code}: {error}") from error
        self._tell(edition)

    def _fetch(self, key: str) -> ListEdition:
        with fetched(key, known_list(key).format) as folder:
            return self._load(key, folder)

    def _load(self, key: str, path: Path) -> ListEdition:
        return load_list(key=key, path=path, actor=Actor.system("load_list"), now=clock.now())

    def _tell(self, edition: ListEdition) -> None:
        words = {"number": edition.number, "list": edition.watch_list.label}
        counts = {name: getattr(edition, name) for name in ("entries", "added", "changed", "removed")}
        changed = _("%(entries)s entries: %(added)s added, %(changed)s changed, %(removed)s removed.") % counts
        if edition.state == EditionState.REFUSED:
            why = {**words, "why": edition.refused_because, "changed": changed}
            raise CommandError(
                _("Edition %(number)s of %(list)s was not taken on (%(why)s). %(changed)s Two people can accept it.")
                % why
            )
        self.stdout.write(_("Edition %(number)s of %(list)s is in use.") % words + " " + changed)
