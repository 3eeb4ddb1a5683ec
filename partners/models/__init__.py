from partners.models.credential import Credential, CredentialSecret, CredentialState
from partners.models.installation import Installation
from partners.models.limit import PartnerLimit, PartnerUsage
from partners.models.partner import Network, Partner, PartnerKind, PartnerState
from partners.models.signing import SigningKey, UsedNonce
from partners.models.system import ContactRole, PartnerContact, PartnerSystem

__all__ = [
    "ContactRole",
    "Credential",
    "CredentialSecret",
    "CredentialState",
    "Installation",
    "Network",
    "Partner",
    "PartnerContact",
    "PartnerKind",
    "PartnerLimit",
    "PartnerState",
    "PartnerSystem",
    "PartnerUsage",
    "SigningKey",
    "UsedNonce",
]
