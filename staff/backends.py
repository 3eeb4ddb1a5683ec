"""Who somebody is, and what their roles let them do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from bankops.core.db import prepared
from staff.models import User

_RIGHTS = """
SELECT t.app_label || '.' || p.codename
  FROM staff_user_groups m
  JOIN auth_group_permissions g ON g.group_id = m.group_id
  JOIN auth_permission p ON p.id = g.permission_id
  JOIN django_content_type t ON t.id = p.content_type_id
 WHERE m.user_id = %(person)s
"""


class RoleBackend(ModelBackend):
    """Django's own, which asks for rights given to one person too. There are none, and a trigger keeps it so
    (`staff_rights_from_roles_only`). Every page asks who somebody is and what they may do, so both are one question.
    """

    def get_user(self, user_id: Any) -> User | None:
        """Return the person with their device, which proves that it is them (`staff.middleware.OneDeviceMiddleware`)."""
        person = User.objects.select_related("one_time_code_device").filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what the person's roles let them do; about single records they say nothing."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return {right for (right,) in prepared(_RIGHTS, {"person": user_obj.pk})}

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()
