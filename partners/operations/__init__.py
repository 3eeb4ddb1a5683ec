"""What is done to partners: whoever could do it alone could open the bank's accounts to a system of their own.

So two people agree to everything that lets somebody in. Shutting out happens at once.
"""

from bankops.core.operations import register
from partners.operations.credentials import IssueCredential, RevokeCredential, RotateCredential
from partners.operations.partners import (
    ChangePartner,
    EndPartner,
    RegisterPartner,
    ResumePartner,
    SetNetworks,
    SetPartnerLimits,
    SuspendPartner,
)
from partners.operations.signing_keys import SetSigningKey
from partners.operations.systems import AddContact, AddSystem, EndContact, RetireSystem

_ALL = (
    RegisterPartner,
    ChangePartner,
    SuspendPartner,
    ResumePartner,
    EndPartner,
    SetNetworks,
    SetPartnerLimits,
    IssueCredential,
    RotateCredential,
    RevokeCredential,
    SetSigningKey,
    AddSystem,
    RetireSystem,
    AddContact,
    EndContact,
)


def register_all() -> None:
    """Make them known; called once, when the app is ready."""
    for operation in _ALL:
        register(operation())
