from partners.models.credential import Credential, CredentialSecret, CredentialState
from partners.models.limit import PartnerLimit, PartnerUsage
from partners.models.partner import Network, Partner, PartnerKind, PartnerState

__all__ = [
    "Credential",
    "CredentialSecret",
    "CredentialState",
    "Network",
    "Partner",
    "PartnerKind",
    "PartnerLimit",
    "PartnerState",
    "PartnerUsage",
]
