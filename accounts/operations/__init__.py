"""What is done to customers and accounts with other people's consent. One module for each noun."""

from __future__ import annotations

from bankops.core.operations import Operation, register


def register_all() -> None:
    """Make the operations known; called once, when the app is ready."""
    from accounts.operations import (
        access,
        accounts,
        applications,
        customers,
        limits,
        parties,
        partner_access,
        personal_data,
        restrictions,
        reviews,
    )

    known: tuple[Operation, ...] = (
        access.SetConfidential(),
        access.GrantAccess(),
        access.RevokeAccess(),
        partner_access.GrantPartnerAccess(),
        partner_access.RevokePartnerAccess(),
        accounts.OpenAccount(),
        accounts.MarkDormant(),
        accounts.WakeAccount(),
        accounts.CloseAccount(),
        accounts.ReopenAccount(),
        restrictions.FreezeAccount(),
        restrictions.ReleaseAccount(),
        limits.SetOverdraft(),
        limits.SetLimits(),
        customers.UpdateCustomer(),
        parties.AddParty(),
        parties.RemoveParty(),
        personal_data.PseudonymiseCustomer(),
        applications.ApproveApplication(),
        applications.OverrideCheck(),
        reviews.LowerRiskRating(),
        reviews.RaiseRiskRating(),
    )
    for operation in known:
        register(operation)
