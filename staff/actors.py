"""From a request to whoever is at the keyboard."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from bankops.core.actor import Actor
from staff.models import User


def person_at(request: HttpRequest) -> User:
    """Return the signed-in person.

    :raises PermissionDenied: when nobody is signed in; the admin lets nobody come so far.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in person as an actor.

    :raises PermissionDenied: as `person_at`.
    """
    return person_at(request).as_actor()


def is_verified(request: HttpRequest) -> bool:
    """Tell whether somebody is signed in and proved a one-time code in this session."""
    user: Any = request.user
    return bool(user.is_active and hasattr(user, "is_verified") and user.is_verified())
