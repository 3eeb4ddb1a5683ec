"""What a bank's files mean: the profile, in memory. `profile_file` reads one from TOML; docs/bank-import.md explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the columns of a kind of file can say, and which of it must be there.

    `words` names the columns that hold code words, with what these can mean; nothing listed means any text of ours.
    """

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def all(self) -> frozenset[str]:
        return self.required | self.optional


MEANINGS: dict[str, Meanings] = {
    "branches": Meanings(frozenset({"id", "name"}), frozenset({"region"})),
    "customers": Meanings(frozenset({"id"}), frozenset({"name", "birth_number", "birth_date", "branch"})),
    "accounts": Meanings(frozenset({"id", "opened"}), frozenset({"branch", "owner"})),
    "parties": Meanings(
        frozenset({"id", "customer", "account", "role"}),
        words={"role": frozenset({"owner", "disponent"})},
    ),
    "standing_orders": Meanings(
        frozenset({"id", "account", "amount"}),
        frozenset({"bank_to", "account_to", "purpose"}),
        {"purpose": frozenset()},
    ),
    "transactions": Meanings(
        frozenset({"id", "account", "date", "amount", "balance"}),
        frozenset({"bank", "counter_account"}),
        {"direction": frozenset({"credit", "debit"})},
    ),
}
KINDS = frozenset({"deposit", "fee", "interest", "payment_in", "payment_out", "transfer", "withdrawal"})
LEDGER_CATEGORIES = frozenset({"ASSET", "EQUITY", "EXPENSE", "INCOME", "LIABILITY"})
REQUIRED_FILES = frozenset({"accounts", "customers", "transactions"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the files are written. `empty_values` are the texts that mean "nothing here"."""

    encoding: str
    separator: str
    quote: str
    date_format: str
    decimal_mark: str
    empty_values: frozenset[str]
    last_line_ends: bool


@dataclass(frozen=True, slots=True)
class FileSpec:
    """One file: its name, the header of the column for each meaning, and the code words of columns that hold words.

    `codes` (transactions only) names the columns whose words, together, choose a rule.
    """

    role: str
    name: str
    columns: Mapping[str, str]
    codes: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ordered_by_date: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """Every meaning this file is read for, with its column header."""
        return {**self.columns, **self.codes}


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """The line of the chart of accounts that the rules call by a name of the profile."""

    code: str
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What rows with certain code words are: the kind of transaction, and the general-ledger account on the other side."""

    kind: str
    ledger: str
    description: str
    when: Mapping[str, frozenset[str]]
    amount_rounded: bool = False

    def fits(self, codes: Mapping[str, str]) -> bool:
        return all(codes[name] in words for name, words in self.when.items())


@dataclass(frozen=True, slots=True)
class Profile:
    """A bank's files, described.

    `grid` is the step of printed balances in minor units (10 where a bank prints tenths of a crown), 0 where it prints
    every figure exactly. `ledger` gives the line of the chart of accounts for each name the rules use.
    """

    key: str
    name: str
    currency: str
    exponent: int
    product: str
    dialect: Dialect
    grid: int
    ledger: Mapping[str, LedgerLine]
    files: Mapping[str, FileSpec]
    rules: tuple[Rule, ...]

    def reference(self, row_id: str) -> str:
        """Return how we call what the bank calls `row_id`: `berka:695247`."""
        return f"{self.key}:{row_id}"

    def rule_for(self, codes: Mapping[str, str]) -> Rule | None:
        """Return the first rule whose words all fit, or None: such a row is not understood."""
        return next((rule for rule in self.rules if rule.fits(codes)), None)

    def known_words(self, name: str) -> frozenset[str] | None:
        """Return the words that may stand in the code column `name`, or None when the rules do not look at it."""
        in_rules = [rule.when[name] for rule in self.rules if name in rule.when]
        return frozenset().union(*in_rules) if in_rules else None
