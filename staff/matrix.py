"""The permission matrix as a page of documentation."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from django.contrib.auth.models import Permission
from django.utils.translation import gettext as _

from staff.roles import Role, matrix

_HEAD = """# Who may do what

Written by `manage.py permission_matrix --write docs/permissions.md` from what each app declares in its
`permissions.py`; a test keeps this page current, and `manage.py sync_roles` makes the database so. Nobody has rights
beside their roles: there are no superusers, and the database refuses a right given to one person.

The auditor and the administrator hold that role alone. The auditor sees everything and changes nothing; the
administrator manages people and settings and cannot touch money. Approving is a matter of roles and, beyond them, of
who made the request.
"""


_further: list[Callable[[], str]] = []


def install_section(section: Callable[[], str]) -> None:
    """Have another section on the page, after the rights of people: apps that stand above say who else may do what."""
    _further.append(section)


def as_markdown() -> str:
    """Return the page: one table per app, one line per permission, one column per role; then what apps add to it."""
    labels = {
        f"{app}.{codename}": name
        for app, codename, name in Permission.objects.values_list("content_type__app_label", "codename", "name")
    }
    sections = [_section(app, list(rows), labels) for app, rows in groupby(matrix().items(), key=_app)]
    return "\n".join([_HEAD, *sections, *(section() for section in _further)])


def _section(app: str, rows: list[tuple[str, frozenset[Role]]], labels: dict[str, str]) -> str:
    columns = [str(role.label) for role in Role]
    lines = [
        f"## {app}",
        "",
        f"| {_('Right')} | {_('What it allows')} | {' | '.join(columns)} |",
        f"|---|---|{':-:|' * len(columns)}",
    ]
    for permission, holders in rows:
        marks = " | ".join("●" if role in holders else " " for role in Role)
        lines.append(f"| `{permission}` | {labels.get(permission, '')} | {marks} |")
    return "\n".join([*lines, ""])


def _app(row: tuple[str, frozenset[Role]]) -> str:
    return row[0].partition(".")[0]
