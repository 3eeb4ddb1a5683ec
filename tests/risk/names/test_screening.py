"""One party against a small list."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from django.utils import translation

from risk.names.entry import BirthDate, Entry, Kind, Name, Strength, Subject
from risk.names.evidence import MOST_RAISED
from risk.names.explanation import How
from risk.names.scoring import ONE_WORD, THRESHOLD
from risk.names.screener import WEAK_ALONE, Screener

BORN = BirthDate.of_day(date(1955, 6, 1))


def entry(
    key: str,
    *names: str,
    kind: Kind = Kind.PERSON,
    weak: tuple[str, ...] = (),
    born: BirthDate | None = None,
    countries: str = "",
) -> Entry:
    return Entry(
        key=key,
        list_name="Test list",
        reference=key,
        kind=kind,
        names=(*(Name(name) for name in names), *(Name(name, Strength.WEAK) for name in weak)),
        birth_dates=(born,) if born else (),
        countries=frozenset(countries.split()),
    )


LISTED = [
    entry("karamazov", "KARAMAZOV, Dmitri Fyodorovich", "Mitya Karamazov", weak=("Zebra",), born=BORN, countries="RU"),
    entry("valjean", "Jean VALJEAN", "Monsieur Madeleine", countries="FR"),
    entry("umar", "'Abd al-Rahman bin 'Umar al-Tamimi", born=BirthDate.of_years(1970), countries="YE"),
    entry("onename", "Zebulon"),
    entry("nautilus", "NAUTILUS UNDERSEA TRADING CO., LTD.", kind=Kind.ENTITY),
    entry("ship", "Nautilus", kind=Kind.VESSEL),
]


@pytest.fixture(scope="module")
def screener() -> Screener:
    return Screener(LISTED)


def keys(screener: Screener, subject: Subject) -> list[str]:
    return [hit.entry.key for hit in screener.screen(subject)]


@pytest.mark.parametrize(
    "name",
    [
        "Dmitri Karamazov",
        "KARAMAZOV, Dmitry",
        "Dmitrii Karamasow",
        "Дмитрий Карамазов",
        "Dmitri Fyodorovich Karamzaov",
        "KaramazovDmitri",
        "Dmitri Kara mazov",
        "D. Karamazov",
    ],
)
def test_a_listed_person_is_found_however_written(screener: Screener, name: str) -> None:
    assert keys(screener, Subject(name, Kind.PERSON)) == ["karamazov"]


@pytest.mark.parametrize(
    "name",
    [
        "Abdulrahman Umar Tamimi",
        "ABDEL RAHMAN OMAR AL TAMIMI",
        "عبد الرحمن عمر التميمي",
        "Al-Tamimi, Abdurrahman b. Omar",
    ],
)
def test_arabic_names(screener: Screener, name: str) -> None:
    assert keys(screener, Subject(name, Kind.PERSON)) == ["umar"]


@pytest.mark.parametrize(
    "name", ["Ivan Karamazov", "Jean Valmont", "Karamazov", "Abdul Rahman", "Jane Doe", "", "丽丽 彭"]
)
def test_others_are_left_alone(screener: Screener, name: str) -> None:
    assert keys(screener, Subject(name, Kind.PERSON)) == []


def test_kinds_meet_their_own_and_an_unknown_one_meets_all(screener: Screener) -> None:
    assert keys(screener, Subject("Nautilus Undersea Trading", Kind.ENTITY)) == ["nautilus"]
    assert keys(screener, Subject("M/V NAUTILUS", Kind.VESSEL)) == ["ship"]
    assert keys(screener, Subject("Jean Valjean", Kind.ENTITY)) == []
    assert keys(screener, Subject("Jean Valjean")) == ["valjean"]


def test_former_names_count(screener: Screener) -> None:
    hits = screener.screen(Subject("Father Madeleine", Kind.PERSON, other_names=("Jean Valjean",)))

    assert [(hit.entry.key, hit.name.text, hit.score) for hit in hits] == [("valjean", "Jean VALJEAN", 1.0)]


def test_evidence_raises_and_lowers(screener: Screener) -> None:
    def score(**known: object) -> float:
        subject = Subject("Dimitri Karamasov", Kind.PERSON, **known)  # type: ignore[arg-type]
        return next((hit.score for hit in screener.screen(subject)), 0.0)

    plain = score()
    same = score(birth_date=BORN, countries=frozenset({"RU"}))
    other = score(birth_date=BirthDate.of_years(1958), countries=frozenset({"PE"}))

    assert same == pytest.approx(min(1.0, plain + MOST_RAISED))
    assert other == pytest.approx(plain - 0.10)
    assert score(birth_date=BirthDate.of_years(1999), countries=frozenset({"PE"})) < other


def test_an_equal_name_stays_a_hit_whatever_the_papers_say(screener: Screener) -> None:
    papers = {"birth_date": BirthDate.of_years(1999), "countries": frozenset({"PE"})}
    subject = Subject("Dmitri Fyodorovich Karamazov", Kind.PERSON, **papers)  # type: ignore[arg-type]

    (hit,) = screener.screen(subject)

    assert THRESHOLD <= hit.score < 0.8
    assert hit.strength is Strength.WEAK


def test_evidence_alone_is_nothing(screener: Screener) -> None:
    assert keys(screener, Subject("Ivan Petrov", Kind.PERSON, birth_date=BORN, countries=frozenset({"RU"}))) == []
    assert ONE_WORD + MOST_RAISED < THRESHOLD


def test_a_weak_alias_is_never_alone(screener: Screener) -> None:
    assert keys(screener, Subject("Zebra", Kind.PERSON)) == []
    assert keys(screener, Subject("Zebra", Kind.PERSON, countries=frozenset({"RU"}))) == []
    assert WEAK_ALONE < THRESHOLD

    (hit,) = screener.screen(Subject("Zebra", Kind.PERSON, birth_date=BORN))

    assert (hit.entry.key, hit.name.strength, hit.strength) == ("karamazov", Strength.WEAK, Strength.WEAK)


def test_strong_hits_are_by_a_name_of_ones_own(screener: Screener) -> None:
    (hit,) = screener.screen(Subject("Dmitri Karamazov", Kind.PERSON, birth_date=BORN))

    assert (hit.score, hit.strength) == (1.0, Strength.STRONG)


def test_equal_scores_are_told_apart_by_evidence() -> None:
    twins = [entry("old", "Jan Novak", born=BirthDate.of_years(1956)), entry("same", "Jan Novak", born=BORN)]

    hits = Screener(twins).screen(Subject("Jan Novak", Kind.PERSON, birth_date=BORN))

    assert [hit.entry.key for hit in hits] == ["same", "old"]


def test_a_hit_explains_itself(screener: Screener) -> None:
    subject = Subject("Dmitry Karamazof", Kind.PERSON, birth_date=BORN, countries=frozenset({"PE"}))

    (hit,) = screener.screen(subject)
    told = hit.explanation

    assert [(word.ours, word.theirs) for word in told.words] == [("dmitry", "dmitri"), ("karamazof", "karamazov")]
    assert [word.how for word in told.words] == [How.SOUND, How.SLIP]
    assert sum(word.worth for word in told.words) <= 1
    assert told.theirs_left == ("fyodorovich",)
    assert told.name_score < told.score == hit.score
    with translation.override("en"):
        lines = told.lines()
    assert lines[0].startswith("“Dmitry Karamazof” against the listed “KARAMAZOV, Dmitri Fyodorovich”")
    assert any("“karamazof” is close to “karamazov”, as a misspelling is" in line for line in lines)
    assert "the same date of birth, 1955-06-01: +0.10" in lines
    assert "no country in common: PE, listed RU: -0.05" in lines


def test_a_capped_weak_alias_says_why() -> None:
    screener = Screener([entry("x", "Somebody Else", weak=("Zebra Lion",))], threshold=0.6)

    (hit,) = screener.screen(Subject("Zebra Lion", Kind.PERSON))

    assert hit.score == WEAK_ALONE
    assert hit.explanation.capped is not None
    assert "weak alias" in hit.explanation.capped


def test_many_customers_against_a_few_changed_entries(screener: Screener) -> None:
    changed = Screener(LISTED[:2], rarities=screener.rarities)
    customers = [Subject(f"Customer Number{number}", Kind.PERSON) for number in range(500)]
    customers[77] = Subject("Karamazov, Dmitri", Kind.PERSON)

    found = dict(changed.screen_all(customers))

    assert list(found) == [77]
    assert found[77][0].entry.key == "karamazov"


def test_hits_are_in_order_of_score(screener: Screener) -> None:
    listed = [entry(str(number), name) for number, name in enumerate(("Jon Novak", "Jan Novak", "Jan Petr Novak"))]

    hits = Screener(listed).screen(Subject("Jan Novak", Kind.PERSON))

    assert hits[0].name.text == "Jan Novak"
    assert all(before.score >= after.score for before, after in pairwise(hits))


@pytest.mark.parametrize("wrong", ["x" * 10_000, "a b " * 500, "\u202e\u200b", "Ａｌｉ", "()"])
def test_no_name_breaks_it(screener: Screener, wrong: str) -> None:
    assert isinstance(screener.screen(Subject(wrong)), list)
