"""Which names are taken for one another, and why. The examples are made up or of history, none of the measured samples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.names.closeness import weighted_distance
from risk.names.comparing import Rarities, compare_names
from risk.names.entry import Kind
from risk.names.people import parse_person
from risk.names.rarity import COMMONEST, Rarity
from risk.names.scoring import NAME_ALONE
from risk.names.sounds import sound_of

EQUAL = Rarities()


def score(left: str, right: str, kind: Kind | None = Kind.PERSON) -> float:
    return compare_names(left, right, kind, EQUAL).score


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Fyodor Dostoyevsky", "DOSTOEVSKIJ, Fedor"),
        ("Fyodor Dostoyevsky", "Fyodor Mikhailovich Dostoyevsky"),
        ("Фёдор Достоевский", "Fyodor Dostoevsky"),
        ("Qaddafi, Muammar", "Mu'ammar al-Gadhafi"),
        ("Naguib Mahfouz", "Najib Mahfuz"),
        ("نجيب محفوظ", "Najib Mahfuz"),
        ("Abdelrahman Munif", "Abd al-Rahman Munif"),
        ("Jean-Paul Sartre", "J.-P. Sartre"),
        ("JeanPaul Sartre", "Jean Paul Sartre"),
        ("Jea nPaul Sartre", "Jean Paul Sartre"),
        ("Emile Zola", "Émile Zloa"),
        ("William Faulkner", "Bill Faulkner"),
        ("Prof. Max Planck", "Max Planck"),
        ("鲁迅生", "Lu, Xunsheng"),
        ("蔣介石", "Chiang, Jieshi"),
        ("박정희", "PAK Chong-hui"),
    ],
)
def test_one_person(left: str, right: str) -> None:
    assert score(left, right) >= NAME_ALONE
    assert score(right, left) == pytest.approx(score(left, right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Heinrich Mann", "Thomas Mann"),
        ("Anne Bronte", "Emily Bronte"),
        ("Alexei Ivanovich Petrov", "Alexei Sergeyevich Petrov"),
        ("Ahmad Salih al-Basri", "Ahmad Salih al-Kufi"),
        ("Heinrich", "Heinrich Mann"),
        ("Kim Chol Su", "Kim Yong Nam"),
        ("Abdul Rahman", "Abdul Karim"),
        ("Guðrún Einarsdóttir", "Guðrún Helgadóttir"),
    ],
)
def test_two_people(left: str, right: str) -> None:
    assert score(left, right) < NAME_ALONE


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Nordsee Handel GmbH", "Nordsee Handel Gesellschaft mit beschränkter Haftung"),
        ("OOO Severny Les", "Severny Les LLC"),
        ("ООО Северный Лес", "Severnyi Les Limited Liability Company"),
        ("The Baltic Grain Organisation", "Baltic Grain Organization"),
        ("Nordsee & Co", "Nordsee and Company"),
        ("Goodfield Shipping", "Good Field Shipping"),
    ],
)
def test_one_company(left: str, right: str) -> None:
    assert score(left, right, Kind.ENTITY) >= NAME_ALONE


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Nordsee Handel GmbH", "Ostsee Handel GmbH"),
        ("Trading Company", "Blue Harbour Trading Company"),
        ("Alfa Norway Ltd", "Alfa Peru Ltd"),
        ("Blue Harbour Foundation", "Red Harvest Foundation"),
    ],
)
def test_two_companies(left: str, right: str) -> None:
    assert score(left, right, Kind.ENTITY) < NAME_ALONE


def test_of_unknown_kind_the_better_reading_counts() -> None:
    assert score("Nordsee AG", "Nordsee Aktiengesellschaft", None) >= NAME_ALONE
    assert score("Dostoyevsky, Fyodor", "Fyodor Dostoyevskij", None) >= NAME_ALONE


def test_a_common_word_left_out_costs_less_than_a_rare_one() -> None:
    listed = [[parse_person(f"Mohammad Nobody{number}")] for number in range(300)]
    rarities = Rarities(people=Rarity(listed))

    common = compare_names("Yusuf Kandil", "Yusuf Mohammad Kandil", Kind.PERSON, rarities)
    rare = compare_names("Yusuf Kandil", "Yusuf Zebulon Kandil", Kind.PERSON, rarities)

    assert rarities.people.weigh(parse_person("Mohammad").tokens[0]) == COMMONEST
    assert common.score > rare.score > NAME_ALONE


def test_a_name_of_common_words_is_not_carried_by_them() -> None:
    listed = [[parse_person(f"Mohammad Ali Nobody{number}")] for number in range(300)]
    rarities = Rarities(people=Rarity(listed))

    bare = compare_names("Mohammad Ali", "Mohammad Ali Zebulon Trithemius", Kind.PERSON, rarities)
    told = compare_names("Zebulon Trithemius", "Mohammad Ali Zebulon Trithemius", Kind.PERSON, rarities)

    assert bare.score < NAME_ALONE < told.score


@given(st.text(alphabet="abcdehikmnorstuz", min_size=1, max_size=12), st.text(alphabet="abcdehikmnorstuz", max_size=12))
def test_distance_is_symmetric_and_zero_for_the_same(left: str, right: str) -> None:
    assert weighted_distance(left, right) == pytest.approx(weighted_distance(right, left))
    assert weighted_distance(left, left) == 0


@given(st.text(max_size=40), st.text(max_size=40))
def test_every_pair_of_texts_has_a_score(left: str, right: str) -> None:
    for kind in (Kind.PERSON, Kind.ENTITY, Kind.VESSEL, None):
        assert 0 <= score(left, right, kind) <= 1
        assert score(left, right, kind) == pytest.approx(score(right, left, kind))


@pytest.mark.parametrize(
    ("one", "other"),
    [("khaled", "xaled"), ("youssef", "yusef"), ("qasim", "kasim"), ("schmidt", "shmidt"), ("sergej", "sergei")],
)
def test_romanisations_of_a_sound_are_near(one: str, other: str) -> None:
    assert weighted_distance(sound_of(one), sound_of(other)) <= 1.2
