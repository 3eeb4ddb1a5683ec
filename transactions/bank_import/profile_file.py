"""Read a profile from TOML and refuse one that is incomplete, misspelt or contradicts itself, naming the key at fault."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from bankops.core.errors import AmountTooPrecise, InvalidAmount, UnknownCurrency
from bankops.core.money import Money, exponent
from transactions.bank_import.errors import ProfileInvalid, ProfileUnknown
from transactions.bank_import.profile import (
    KINDS,
    LEDGER_CATEGORIES,
    MEANINGS,
    REQUIRED_FILES,
    Dialect,
    FileSpec,
    LedgerLine,
    Profile,
    Rule,
)

_T = TypeVar("_T")
_KEY = re.compile(r"[a-z][a-z0-9]{1,5}", re.ASCII)
PROFILES = Path(__file__).parent / "profiles"


def load_profile(name: str) -> Profile:
    """Return the shipped profile called `name`, or the one in the TOML file at that path.

    :raises ProfileUnknown: when there is neither.
    :raises ProfileInvalid: when the file is not a usable profile; the message names the key.
    """
    path = Path(name) if name.endswith(".toml") else PROFILES / f"{name}.toml"
    if not path.is_file():
        raise ProfileUnknown(profile=name, known=", ".join(known_profiles()))
    return parse_profile(path.read_bytes(), source=path.name)


def known_profiles() -> list[str]:
    """Return the names of the profiles that come with the product."""
    return sorted(path.stem for path in PROFILES.glob("*.toml"))


def parse_profile(content: bytes, *, source: str) -> Profile:
    """Return the profile written in `content`; `source` is how errors call it.

    :raises ProfileInvalid: when it is not a usable profile.
    """
    try:
        data = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileInvalid(profile=source, key="TOML", problem=f"{error}.") from error
    root = _Table(source, "", data)
    profile = _profile(root)
    root.done()
    _check_rules(root, profile)
    return profile


class _Table:
    """A TOML table that knows where it stands and which of its keys nobody has asked for."""

    def __init__(self, source: str, path: str, data: Mapping[str, Any]) -> None:
        self.source, self.path, self.data = source, path, data
        self.asked: set[str] = set()

    def refuse(self, key: str, problem: str) -> ProfileInvalid:
        return ProfileInvalid(profile=self.source, key=".".join(filter(None, (self.path, key))), problem=problem)

    def text(self, key: str, default: str | None = None) -> str:
        return self._value(key, str, _("must be text in quotes."), default)

    def flag(self, key: str, *, default: bool) -> bool:
        return self._value(key, bool, _("must be true or false."), default)

    def table(self, key: str, *, optional: bool = False) -> _Table:
        inner = self._value(key, dict, _("must be a table."), {} if optional else None)
        return _Table(self.source, ".".join(filter(None, (self.path, key))), inner)

    def tables(self, key: str) -> list[_Table]:
        rows = self._value(key, list, _("must be a list of tables ([[%(key)s]]).") % {"key": key}, None)
        if not rows or not all(isinstance(row, dict) for row in rows):
            raise self.refuse(key, _("must be a list of tables ([[%(key)s]]).") % {"key": key})
        return [_Table(self.source, f"{key}[{number}]", row) for number, row in enumerate(rows, 1)]

    def texts(self) -> dict[str, str]:
        """Return the whole table as text by key."""
        return {key: self.text(key) for key in self.data}

    def done(self) -> None:
        """Refuse keys that nobody asked for: a misspelt key must not be silently without effect."""
        for key in self.data.keys() - self.asked:
            raise self.refuse(
                key, _("is not a key of this table. Known here: %(keys)s.") % {"keys": _listed(self.asked)}
            )

    def _value(self, key: str, kind: type[_T], problem: str, default: _T | None) -> _T:
        self.asked.add(key)
        value = self.data.get(key, default)
        if value is None:
            raise self.refuse(key, _("is missing."))
        if not isinstance(value, kind):
            raise self.refuse(key, problem)
        return value


def _profile(root: _Table) -> Profile:
    bank = root.table("bank")
    currency, places = _currency(bank)
    profile = Profile(
        key=_key(bank),
        name=bank.text("name"),
        currency=currency,
        exponent=places,
        product=bank.text("product", "CURRENT"),
        dialect=_dialect(root.table("format")),
        grid=_grid(root, currency),
        ledger=_ledger(root.table("ledger")),
        files=_files(root.table("files")),
        rules=tuple(_rule(table) for table in root.tables("rules")),
    )
    bank.done()
    return profile


def _key(bank: _Table) -> str:
    key = bank.text("key")
    if not _KEY.fullmatch(key):
        raise bank.refuse("key", _("must be two to six lower-case letters and digits, a letter first."))
    return key


def _currency(bank: _Table) -> tuple[str, int]:
    currency = bank.text("currency")
    try:
        return currency, exponent(currency)
    except UnknownCurrency as error:
        raise bank.refuse("currency", str(error)) from error


def _grid(root: _Table, currency: str) -> int:
    if "rounding" not in root.data:
        return 0
    table = root.table("rounding")
    try:
        grid = Money.parse(table.text("printed_to"), currency).minor
    except (InvalidAmount, AmountTooPrecise) as error:
        raise table.refuse("printed_to", str(error)) from error
    if grid < 1:
        raise table.refuse("printed_to", _("must be more than zero."))
    table.done()
    return grid


def _dialect(table: _Table) -> Dialect:
    dialect = Dialect(
        encoding=_encoding(table),
        separator=_one_character(table, "separator"),
        quote=_one_character(table, "quote", default='"'),
        date_format=_date_format(table),
        decimal_mark=_one_character(table, "decimal_mark", default="."),
        empty_values=_word_set(table, "empty_values", default=[""]),
        last_line_ends=table.flag("last_line_ends", default=True),
    )
    table.done()
    return dialect


def _encoding(table: _Table) -> str:
    encoding = table.text("encoding")
    try:
        is_like_ascii = b"a;\n".decode(encoding) == "a;\n"
    except LookupError as error:
        raise table.refuse("encoding", _("is not an encoding Python knows.")) from error
    except UnicodeDecodeError:
        is_like_ascii = False
    if not is_like_ascii:
        raise table.refuse("encoding", _("must write ASCII as ASCII; convert the files to UTF-8 first."))
    return encoding


def _one_character(table: _Table, key: str, default: str | None = None) -> str:
    text = table.text(key, default)
    if len(text) != 1:
        raise table.refuse(key, _("must be one character."))
    return text


def _date_format(table: _Table) -> str:
    written = table.text("date")
    if not all(directive in written for directive in ("%d", "%m")) or not ("%y" in written or "%Y" in written):
        raise table.refuse("date", _("must hold %%d, %%m and %%Y (or %%y), as in %%Y-%%m-%%d."))
    return written


def _word_set(table: _Table, key: str, default: list[str] | None = None) -> frozenset[str]:
    table.asked.add(key)
    value = table.data.get(key, default)
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise table.refuse(key, _("must be text or a list of texts."))
    return frozenset(words)


def _ledger(table: _Table) -> dict[str, LedgerLine]:
    return {name: _ledger_line(table.table(name)) for name in table.data}


def _ledger_line(table: _Table) -> LedgerLine:
    line = LedgerLine(
        code=table.text("code"), name=table.text("name"), category=_one_of(table, "category", LEDGER_CATEGORIES)
    )
    table.done()
    return line


def _one_of(table: _Table, key: str, words: frozenset[str]) -> str:
    word = table.text(key)
    if word not in words:
        raise table.refuse(key, _("“%(word)s” is not one of %(words)s.") % {"word": word, "words": _listed(words)})
    return word


def _files(table: _Table) -> dict[str, FileSpec]:
    for role in table.data.keys() - MEANINGS.keys():
        raise table.refuse(role, _("is not a kind of file. Known: %(kinds)s.") % {"kinds": _listed(MEANINGS)})
    for role in sorted(REQUIRED_FILES - table.data.keys()):
        raise table.refuse(role, _("is missing: customers, accounts and transactions must be described."))
    files = {role: _file(role, table.table(role)) for role in MEANINGS if role in table.data}
    if "parties" not in files and "owner" not in files["accounts"].columns:
        raise table.refuse(
            "accounts.columns.owner",
            _("is missing: without a file of parties, name the column of the owner's customer id."),
        )
    return files


def _file(role: str, table: _Table) -> FileSpec:
    is_journal = role == "transactions"
    spec = FileSpec(
        role=role,
        name=table.text("name"),
        columns=_columns(role, table.table("columns")),
        codes=table.table("codes").texts() if is_journal else {},
        words=_words(role, table.table("words", optional=True)),
        ordered_by_date=table.flag("ordered_by_date", default=False) if is_journal else False,
    )
    table.done()
    for name in MEANINGS[role].words:
        if name in spec.headers and name not in spec.words:
            raise table.refuse(f"words.{name}", _("is missing: say what each word of this column means."))
    return spec


def _columns(role: str, table: _Table) -> dict[str, str]:
    meanings = MEANINGS[role]
    columns = table.texts()
    for meaning in sorted(meanings.required - columns.keys()):
        raise table.refuse(meaning, _("is missing: name the column that holds it."))
    for meaning in sorted(columns.keys() - meanings.all):
        raise table.refuse(
            meaning, _("is not a meaning. Known here: %(meanings)s.") % {"meanings": _listed(meanings.all)}
        )
    return columns


def _words(role: str, table: _Table) -> dict[str, dict[str, str]]:
    known = MEANINGS[role].words
    for name in table.data.keys() - known.keys():
        raise table.refuse(
            name, _("takes no words. Columns with words here: %(columns)s.") % {"columns": _listed(known)}
        )
    words = {name: table.table(name).texts() for name in table.data}
    for name, translations in words.items():
        for word in translations.values():
            if known[name] and word not in known[name]:
                raise table.refuse(
                    name, _("“%(word)s” is not one of %(words)s.") % {"word": word, "words": _listed(known[name])}
                )
    return words


def _rule(table: _Table) -> Rule:
    when = table.table("when")
    rule = Rule(
        kind=_one_of(table, "kind", KINDS),
        ledger=table.text("ledger"),
        description=table.text("description"),
        when={name: _word_set(when, name) for name in when.data},
        amount_rounded=table.flag("amount_rounded", default=False),
    )
    table.done()
    return rule


def _check_rules(root: _Table, profile: Profile) -> None:
    """Hold the rules against the rest of the profile: code columns, ledger names, rounding, and the sign of an amount."""
    codes = profile.files["transactions"].codes
    for name in codes.keys() & MEANINGS["transactions"].all:
        raise root.refuse(
            f"files.transactions.codes.{name}", _("is the name of a column with a meaning; call the code otherwise.")
        )
    for number, rule in enumerate(profile.rules, 1):
        where = f"rules[{number}]"
        for name in rule.when.keys() - codes.keys():
            raise root.refuse(
                f"{where}.when.{name}", _("is not one of the code columns %(columns)s.") % {"columns": _listed(codes)}
            )
        if rule.ledger not in profile.ledger:
            raise root.refuse(f"{where}.ledger", _("“%(name)s” is not described in [ledger].") % {"name": rule.ledger})
        if rule.amount_rounded and not profile.grid:
            raise root.refuse(f"{where}.amount_rounded", _("needs [rounding] printed_to."))
    unused = profile.ledger.keys() - {rule.ledger for rule in profile.rules}
    for name in sorted(unused):
        raise root.refuse(f"ledger.{name}", _("is used by no rule."))


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
