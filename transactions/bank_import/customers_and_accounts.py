"""Take over the bank's customers, their accounts, and who else may use these.

Every record is known by the bank's own id, so a second run finds what the first one wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import selectors
from accounts.models import PartyRole, Product
from accounts.services import taking_over
from accounts.services.taking_over import AccountDraft, CustomerDraft, PartyDraft
from transactions.bank_import.branches import Branches
from transactions.bank_import.intake import Intake, in_batches
from transactions.bank_import.rows import AccountRow, PartyRow
from transactions.bank_import.run import REFERENCE_BATCH, ImportRun

_ROLES = {"owner": PartyRole.JOINT, "disponent": PartyRole.DISPONENT}


@dataclass
class CustomersAndAccounts:
    """The bank's customers and accounts, by its own ids.

    Attributes:
        accounts: what transactions are posted on.
        opened: the day each account was opened.

    """

    run: ImportRun
    branches: Branches
    product: Product
    customers: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)
    opened: dict[str, date] = field(default_factory=dict)

    def take_over(self) -> None:
        """Write those that are not there yet: customers, then accounts, then parties."""
        self._take_customers()
        parties = self._read_parties()
        before = selectors.accounts_taken_over(self.run.profile.key)
        self.accounts = dict(before)
        self._take_accounts(parties)
        if parties:
            self._take_parties(parties, new_accounts=self.accounts.keys() - before.keys())

    def _take_customers(self) -> None:
        run, intake = self.run, self.run.intake("customers", self.run.parser.customer)
        self.customers = selectors.customers_taken_over(run.profile.key)
        for rows in in_batches(intake, REFERENCE_BATCH):
            drafts = [
                CustomerDraft(row.id, row.name or f"{gettext_noop('Customer')} {row.id}", row.birth_date, branch.id)
                for row in rows
                if row.id not in self.customers and (branch := self.branches.of(intake, row))
            ]
            intake.took(created=len(drafts), already_there=sum(row.id in self.customers for row in rows))
            if drafts:
                self.customers |= taking_over.take_over_customers(
                    drafts=drafts, source=run.source, actor=run.actor, now=run.now
                )

    def _read_parties(self) -> list[PartyRow]:
        if not self.run.has("parties"):
            return []
        intake = self.run.intake("parties", self.run.parser.party)
        return [row for row in intake if self._is_of_known_customer(intake, row)]

    def _is_of_known_customer(self, intake: Intake[PartyRow], row: PartyRow) -> bool:
        is_known = row.customer in self.customers
        if not is_known:
            intake.reject(
                row, "customer", "unknown_customer", _("there is no customer “%(id)s”") % {"id": row.customer}
            )
        return is_known

    def _take_accounts(self, parties: list[PartyRow]) -> None:
        intake, owners = self.run.intake("accounts", self.run.parser.account), _owners(parties)
        for rows in in_batches(intake, REFERENCE_BATCH):
            drafts = [
                AccountDraft(row.id, owner, branch.id, row.opened)
                for row in rows
                if row.id not in self.accounts
                and (owner := self._owner(intake, row, owners))
                and (branch := self.branches.of(intake, row))
            ]
            intake.took(created=len(drafts), already_there=sum(row.id in self.accounts for row in rows))
            if drafts:
                self._open(drafts)
            self.opened |= {row.id: row.opened for row in rows if row.id in self.accounts}

    def _owner(self, intake: Intake[AccountRow], row: AccountRow, owners: dict[str, PartyRow]) -> UUID | None:
        owner = self.customers.get(owners[row.id].customer if row.id in owners else row.owner)
        if owner is None:
            intake.reject(row, "owner", "no_owner", _("no customer of the bank owns this account"))
        return owner

    def _open(self, drafts: list[AccountDraft]) -> None:
        self.accounts |= taking_over.take_over_accounts(
            drafts=drafts,
            product=self.product,
            currency=self.run.profile.currency,
            source=self.run.source,
            actor=self.run.actor,
            now=self.run.now,
        )

    def _take_parties(self, parties: list[PartyRow], *, new_accounts: set[str]) -> None:
        run, intake, owners = self.run, self.run.intake("parties", self.run.parser.party), _owners(parties)
        for rows in in_batches(parties, REFERENCE_BATCH):
            known = [row for row in rows if intake.knows_account(row, self.accounts)]
            others = [row for row in known if owners.get(row.account) is not row]
            drafts = [
                PartyDraft(self.accounts[row.account], self.customers[row.customer], _ROLES[row.role]) for row in others
            ]
            created = taking_over.take_over_parties(drafts=drafts, source=run.source, actor=run.actor, now=run.now)
            created += sum(owners.get(row.account) is row and row.account in new_accounts for row in known)
            intake.took(created=created, already_there=len(known) - created)


def _owners(parties: list[PartyRow]) -> dict[str, PartyRow]:
    """Return each account's owner: the first one named. Others are joint owners."""
    owners: dict[str, PartyRow] = {}
    for row in parties:
        if row.role == "owner":
            owners.setdefault(row.account, row)
    return owners
