"""The product's story, played by `make demo ONCE=1` through the real web interface and real workers.

It begins at a partner's system, over the API. The other steps go through the pages a person would use. One request is
submitted without a page, as if yesterday: a page knows the present time only. What a person cannot do, such as reading the
one-time code off the phone or proving the books, is done by the same means staff have: the demo's phone and the management
commands.
"""

from __future__ import annotations

from collections.abc import Callable

from bankops.core import story
from bankops.story import first_day, frozen, onboarding, partner, proofs, reviews, stopped
from bankops.story.told import Story

__all__ = ["play"]


def play(*, base_url: str, say: Callable[[str], None]) -> int:
    """Play the whole story against the site at `base_url`; return 0 when every step held."""
    people = (first_day.SIGN_IN, onboarding.STEPS, first_day.STEPS, reviews.STEPS, frozen.STEPS, stopped.STEPS)
    chapters = (partner.STEPS, *people, proofs.STEPS)
    return story.play([step for chapter in chapters for step in chapter], Story(base_url), say=say)
