"""Take over the bank's branches, and give those a branch who have none."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from staff.models import Branch
from staff.services.branches import open_branch
from transactions.bank_import.intake import Intake
from transactions.bank_import.rows import AccountRow, BranchRow, CustomerRow
from transactions.bank_import.run import ImportRun

_HEAD_OFFICE = "HQ"


@dataclass
class Branches:
    """The bank's branches, by its own ids. Ours are called `BERKA-18`."""

    run: ImportRun
    by_id: dict[str, Branch] = field(default_factory=dict)

    def take_over(self) -> None:
        """Open the branches that are not there yet."""
        if not self.run.has("branches"):
            return
        intake = self.run.intake("branches", self.run.parser.branch)
        for row in intake:
            self._take(intake, row)

    def of(self, intake: Intake[CustomerRow] | Intake[AccountRow], row: CustomerRow | AccountRow) -> Branch | None:
        """Return the branch a row names, the bank's head office where it names none; or reject the row."""
        if not row.branch and _HEAD_OFFICE not in self.by_id:
            self.by_id[_HEAD_OFFICE], _created = self._branch(
                self._code(_HEAD_OFFICE), self.run.profile.name, region=""
            )
        branch = self.by_id.get(row.branch or _HEAD_OFFICE)
        if branch is None:
            intake.reject(row, "branch", "unknown_branch", _("there is no branch “%(id)s”") % {"id": row.branch})
        return branch

    def _take(self, intake: Intake[BranchRow], row: BranchRow) -> None:
        code = self._code(row.id)
        if len(code) > (Branch._meta.get_field("code").max_length or 0):
            intake.reject(row, "id", "too_long", _("“%(code)s” is too long for the code of a branch") % {"code": code})
            return
        self.by_id[row.id], created = self._branch(code, row.name, region=row.region)
        intake.took(created=int(created), already_there=int(not created))

    def _code(self, external_id: str) -> str:
        return f"{self.run.profile.key.upper()}-{external_id}"

    def _branch(self, code: str, name: str, *, region: str) -> tuple[Branch, bool]:
        existing = Branch.objects.filter(code=code).first()
        if existing:
            return existing, False
        reason = gettext_noop("Taken over from another bank")
        return open_branch(
            code=code, name=name, region=region, actor=self.run.actor, reason=reason, now=self.run.now
        ), True
