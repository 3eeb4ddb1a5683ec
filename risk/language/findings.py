"""What the checker has to say about a tree."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise

from risk.language.errors import Problem
from risk.language.meaning import Meaning
from risk.language.syntax import Node


class Findings:
    """The problems told so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def tell(self, code: str, node: Node, hint: str | Promise = "", **values: Any) -> None:
        """Tell of a problem of `node`, in the reader's language."""
        self.problems.append(Problem.of(code, node.at, hint=hint, **values))

    def wrong(self, code: str, node: Node, hint: str | Promise = "", **values: Any) -> Meaning | None:
        """Tell of a problem because of which `node` has no meaning, and return that: None."""
        self.tell(code, node, hint, **values)
        return None
