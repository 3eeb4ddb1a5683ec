from accounts.kyc.rating import RiskRating
from accounts.models.access import AccountGrant
from accounts.models.account import Account, AccountStatus, Restriction
from accounts.models.address import Address, AddressType
from accounts.models.application import Application, ApplicationRound, Outcome, RejectionReason, RequestedAccount
from accounts.models.balance import Balance
from accounts.models.chart import Category, ChartLine
from accounts.models.check import Check, CheckEvent, CheckSource, OverrideCode
from accounts.models.consent import Consent, ConsentChannel, ConsentPurpose
from accounts.models.contact import Contact, ContactKind
from accounts.models.customer import (
    Customer,
    CustomerIdentifier,
    CustomerKind,
    CustomerState,
    IdentifierType,
)
from accounts.models.customer_change import CustomerChange
from accounts.models.document import Document, DocumentContent, DocumentRefusal, DocumentState
from accounts.models.limit import AccountLimit, LimitChannel, LimitPeriod
from accounts.models.ownership import BeneficialOwner, ControlKind
from accounts.models.partner_access import AccountPartnerGrant
from accounts.models.party import AccountParty, PartyRights, PartyRole, Signature
from accounts.models.product import Product
from accounts.models.restriction import BLOCKING, AccountRestriction, RestrictionEnding, RestrictionReason
from accounts.models.review import CustomerReview
from accounts.models.tax import TaxResidence

__all__ = [
    "BLOCKING",
    "Account",
    "AccountGrant",
    "AccountLimit",
    "AccountPartnerGrant",
    "AccountParty",
    "AccountRestriction",
    "AccountStatus",
    "Address",
    "AddressType",
    "Application",
    "ApplicationRound",
    "Balance",
    "BeneficialOwner",
    "Category",
    "ChartLine",
    "Check",
    "CheckEvent",
    "CheckSource",
    "Consent",
    "ConsentChannel",
    "ConsentPurpose",
    "Contact",
    "ContactKind",
    "ControlKind",
    "Customer",
    "CustomerChange",
    "CustomerIdentifier",
    "CustomerKind",
    "CustomerReview",
    "CustomerState",
    "Document",
    "DocumentContent",
    "DocumentRefusal",
    "DocumentState",
    "IdentifierType",
    "LimitChannel",
    "LimitPeriod",
    "Outcome",
    "OverrideCode",
    "PartyRights",
    "PartyRole",
    "Product",
    "RejectionReason",
    "RequestedAccount",
    "Restriction",
    "RestrictionEnding",
    "RestrictionReason",
    "RiskRating",
    "Signature",
    "TaxResidence",
]
