"""What a request is about, as its readers see it on pages and doors; nothing of it for anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from approvals import amount_in_words
from approvals.models import ApprovalRequest, RequestVersion
from bankops.core.money import Money


@dataclass(frozen=True, slots=True)
class About:
    """One version of a request in words.

    Attributes:
        changes: `{field: (before, after)}`.
        in_words: the amount written out, once for each way of writing.
        fingerprint: the beginning of the content hash, in groups of four: short enough to compare by eye.

    """

    summary: str
    changes: Sequence[tuple[str, str, str]]
    warnings: Sequence[str]
    reason: str
    money: Money | None
    fingerprint: str
    content_hash: str
    in_words: Sequence[str] = field(default_factory=tuple)


def about(request: ApprovalRequest, version: RequestVersion) -> About:
    """Return what one version of a request is about."""
    money = request.money if version.number == request.version else None
    described = version.description
    content_hash = bytes(version.content_hash).hex()
    return About(
        summary=described["summary"],
        changes=[(name, before, after) for name, before, after in described["changes"]],
        warnings=described["warnings"],
        reason=version.reason,
        money=money,
        fingerprint=" ".join(content_hash[start : start + 4] for start in range(0, 16, 4)),
        content_hash=content_hash,
        in_words=_in_words(money),
    )


def _in_words(money: Money | None) -> tuple[str, ...]:
    if money is None:
        return ()
    return tuple(filter(None, (amount_in_words.in_english(money), amount_in_words.in_chinese(money))))
