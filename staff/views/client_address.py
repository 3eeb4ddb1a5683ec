"""Moved to the kernel: the partners' API asks it too."""

from bankops.core.client_address import client_address

__all__ = ["client_address"]
