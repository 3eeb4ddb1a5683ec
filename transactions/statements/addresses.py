"""Where a statement is sent: the holder's postal address, which is personal data."""

from __future__ import annotations

from accounts.models import Account, Address, AddressType

PERMISSION = "accounts.reveal_personal_data"
_FIRST_OF = (AddressType.MAILING, AddressType.RESIDENTIAL, AddressType.REGISTERED, AddressType.BUSINESS)


def postal_address(account: Account) -> tuple[str, ...]:
    """Return the lines of the address letters go to, in clear; empty where there is none. The caller sees to who reads it."""
    if account.customer is None:
        return ()
    standing = {address.type: address for address in account.customer.addresses.standing()}
    chosen = next((standing[kind] for kind in _FIRST_OF if kind in standing), None)
    return _lines(chosen) if chosen else ()


def _lines(address: Address) -> tuple[str, ...]:
    street = [line.strip() for line in address.lines.reveal().splitlines()]
    place = f"{address.postal_code.reveal() if address.postal_code else ''} {address.city}".strip()
    return tuple(line for line in (*street, place, address.region, address.country) if line)
