"""Random rules: trees that need not mean anything, and trees that do, with facts to evaluate them over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from bankops.core.money import Money
from risk.language.schema import KEYWORDS, WINDOWS, Counter, Fact, Measure, Type
from risk.language.syntax import (
    COMPARISONS,
    Between,
    Binary,
    Call,
    Junction,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    Truth,
    Values,
)
from tests.risk.language.bank import LISTS, SCHEMA, GivenFacts

# Any tree at all

_names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}(\.[a-z][a-z0-9_]{0,5}){0,2}", fullmatch=True).filter(
    lambda name: name not in KEYWORDS
)
_numbers = st.decimals(0, 10**12, places=3) | st.integers(0, 10**20).map(Decimal)
_texts = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=8)
_leaves: SearchStrategy[Node] = (
    st.builds(Number, _numbers) | st.builds(Text, _texts) | st.builds(Truth, st.booleans()) | st.builds(Name, _names)
)


def _larger(parts: SearchStrategy[Node]) -> SearchStrategy[Node]:
    values = st.builds(Values, st.lists(parts, max_size=3).map(tuple))
    calls = st.builds(Call, _names, st.lists(parts, max_size=3).map(tuple))
    return st.one_of(
        calls,
        st.builds(Negative, parts),
        st.builds(Not, parts),
        st.builds(Junction, st.sampled_from(["and", "or"]), st.lists(parts, min_size=2, max_size=3).map(tuple)),
        st.builds(Binary, st.sampled_from([*COMPARISONS, *"+-*/"]), parts, parts),
        st.builds(Between, parts, parts, parts),
        st.builds(Membership, parts, values | calls, st.booleans()),
    )


any_trees = st.recursive(_leaves, _larger, max_leaves=12)

# Trees that mean something

_COUNTERS = [
    Call(measure, (Name(subject), Text(window)))
    for measure, subjects in SCHEMA.counted.items()
    for subject in subjects
    for window in ("1h", "24h")
]
_small = st.integers(0, 30).map(Decimal) | st.decimals(0, 30, places=2)
_amounts = st.sampled_from(["0.01 CNY", "-5 CNY", "100 CNY", "50000 CNY", "7.5 USD", "3000 JPY", "1.234 KWD"])
_durations = st.sampled_from(["0s", "90s", "10m", "24h", "90d"])
_moments = st.sampled_from(["2026-01-31T08:00:00+08:00", "2026-11-20T15:30:00Z", "1999-12-31T23:59:59-05:00"])
_words = st.sampled_from(["", "CN", "KP", "rent", "Rent for May", "transfer"])


def _facts_of(type_: Type) -> SearchStrategy[Node]:
    return st.sampled_from([Name(fact.name) for fact in SCHEMA if fact.type is type_])


def _counters_of(type_: Type) -> SearchStrategy[Node]:
    return st.sampled_from([call for call in _COUNTERS if Measure(call.name).type is type_])


def _written(function: str, texts: SearchStrategy[str]) -> SearchStrategy[Node]:
    return texts.map(lambda text: Call(function, (Text(text),)))


def _calculated(parts: SearchStrategy[Node], signs: str, other: SearchStrategy[Node]) -> SearchStrategy[Node]:
    return st.builds(Binary, st.sampled_from(signs), parts, other)


_divisors: SearchStrategy[Node] = st.builds(Number, st.sampled_from([Decimal(3), Decimal("0.7"), Decimal(10)]))
_number = st.recursive(
    _facts_of(Type.NUMBER) | _counters_of(Type.NUMBER) | st.builds(Number, _small),
    lambda parts: _calculated(parts, "+-*", parts) | _calculated(parts, "/", _divisors) | st.builds(Negative, parts),
    max_leaves=4,
)
_money = st.recursive(
    _facts_of(Type.MONEY) | _counters_of(Type.MONEY) | _written("money", _amounts),
    lambda parts: (
        _calculated(parts, "+-", parts)
        | _calculated(parts, "*", _number)
        | _calculated(parts, "/", _divisors)
        | st.builds(Negative, parts)
    ),
    max_leaves=4,
)
_ratio = _calculated(_money, "/", _facts_of(Type.MONEY) | _counters_of(Type.MONEY))
_duration = st.recursive(
    _facts_of(Type.DURATION) | _written("duration", _durations),
    lambda parts: _calculated(parts, "+-", parts) | st.builds(Negative, parts),
    max_leaves=3,
)
_moment = st.recursive(
    _facts_of(Type.MOMENT) | _written("moment", _moments),
    lambda parts: _calculated(parts, "+-", _duration),
    max_leaves=3,
)
_elapsed = _calculated(_moment, "-", _moment)
_ordered = [(_number | _ratio, _number), (_money, _money), (_moment, _moment), (_duration | _elapsed, _duration)]
_any_text = st.sampled_from([Name(fact.name) for fact in SCHEMA if fact.type is Type.TEXT and not fact.choices])


def _compared(left: SearchStrategy[Node], right: SearchStrategy[Node]) -> SearchStrategy[Node]:
    return st.builds(Binary, st.sampled_from(COMPARISONS), left, right) | st.builds(Between, left, right, right)


money_comparisons = _compared(_money, _money)
_tests: SearchStrategy[Node] = st.one_of(
    *(_compared(left, right) for left, right in _ordered),
    _facts_of(Type.TRUTH),
    st.builds(Binary, st.sampled_from(["==", "!="]), _any_text, st.builds(Text, _words) | _any_text),
    st.builds(
        Membership, _any_text, st.lists(st.builds(Text, _words), min_size=1, max_size=3).map(tuple).map(Values), st.booleans()
    ),
    st.builds(
        Membership, _number, st.lists(st.builds(Number, _small), min_size=1, max_size=3).map(tuple).map(Values), st.booleans()
    ),
    st.builds(Membership, _any_text, _written("list", st.sampled_from(sorted(LISTS))), st.booleans()),
    st.sampled_from([Call("known", (Name(fact.name),)) for fact in SCHEMA]),
    st.builds(lambda value, step: Call("multiple_of", (value, step)), _money | _number, _divisors),
    st.builds(
        lambda name, value, word: Call(name, (value, Text(word))),
        st.sampled_from(["contains", "starts_with"]), _any_text, _words.filter(bool),
    ),
)  # fmt: skip


def _conditions(parts: SearchStrategy[Node]) -> SearchStrategy[Node]:
    return st.one_of(
        st.builds(Not, parts),
        st.builds(Junction, st.sampled_from(["and", "or"]), st.lists(parts, min_size=2, max_size=3).map(tuple)),
        st.builds(Binary, st.sampled_from(["==", "!="]), parts, parts),
    )


conditions = st.recursive(_tests, _conditions, max_leaves=6)

# Facts

_moneys = st.builds(Money, st.integers(-(10**7), 10**7), st.sampled_from(["CNY", "CNY", "USD", "JPY", "KWD"]))
_values: dict[Type, SearchStrategy[object]] = {
    Type.TRUTH: st.booleans(),
    Type.NUMBER: st.integers(-30, 30) | st.decimals(-30, 30, places=2),
    Type.MONEY: _moneys,
    Type.TEXT: _words | st.text(max_size=5),
    Type.MOMENT: st.datetimes(datetime(1999, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    Type.DURATION: st.timedeltas(timedelta(0), timedelta(days=100)),
}


def _value_of(fact: Fact) -> SearchStrategy[object]:
    values = st.sampled_from(fact.choices) if fact.choices else _values[fact.type]
    return values | st.none() if fact.optional else values


def _counter_of(call: Call) -> SearchStrategy[int | Money | None]:
    if call.name == "sum":
        return st.none() | st.builds(Money, st.integers(0, 10**6), st.just("CNY"))
    return st.none() | st.integers(0, 20)


def _counter(call: Call) -> Counter:
    subject, window = call.arguments
    assert isinstance(subject, Name)
    assert isinstance(window, Text)
    assert window.value in WINDOWS
    return Counter(
        Measure(call.name), next(s for s in SCHEMA.counted[Measure(call.name)] if s == subject.name), window.value
    )


random_facts = st.builds(
    GivenFacts,
    st.fixed_dictionaries({fact.name: _value_of(fact) for fact in SCHEMA}),
    st.fixed_dictionaries({_counter(call): _counter_of(call) for call in _COUNTERS}),
    st.fixed_dictionaries(
        {"CNY": st.just(Decimal(1)), "USD": st.decimals("0.01", 20, places=4), "JPY": st.just(Decimal("0.047"))},
        optional={"KWD": st.just(Decimal("23.4"))},
    ),
    st.fixed_dictionaries({name: st.frozensets(_words, max_size=3) for name in LISTS}),
)
