from accounts.models.account import Account, AccountParty, AccountStatus, PartyRole, Restriction
from accounts.models.balance import Balance
from accounts.models.chart import Category, ChartLine
from accounts.models.customer import Customer, CustomerIdentifier, CustomerKind, IdentifierType
from accounts.models.product import Product

__all__ = [
    "Account",
    "AccountParty",
    "AccountStatus",
    "Balance",
    "Category",
    "ChartLine",
    "Customer",
    "CustomerIdentifier",
    "CustomerKind",
    "IdentifierType",
    "PartyRole",
    "Product",
    "Restriction",
]
