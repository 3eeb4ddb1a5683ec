"""Short forms that stand for a full given name.

Source: the customary English short forms (Withycombe, “The Oxford Dictionary of English Christian Names”, 3rd ed.
1977) and Russian ones (Unbegaun, “Russian Surnames”, 1972, appendix on hypocoristics).
"""

from __future__ import annotations

_SHORT_FORMS = {
    "abe": "abraham", "al": "albert", "alec": "alexander", "alex": "alexander alexandra", "andy": "andrew",
    "barry": "barack", "becky": "rebecca", "ben": "benjamin", "bernie": "bernard", "bert": "albert robert",
    "beth": "elizabeth", "bill": "william", "billy": "william", "bob": "robert", "bobby": "robert",
    "cathy": "catherine", "charlie": "charles", "chris": "christopher christian", "chuck": "charles", "dan": "daniel",
    "danny": "daniel", "dave": "david", "dick": "richard", "don": "donald", "doug": "douglas", "ed": "edward",
    "eddie": "edward", "fred": "frederick alfred", "gene": "eugene", "greg": "gregory", "hank": "henry",
    "harry": "henry harold", "jack": "john", "jake": "jacob", "jeff": "jeffrey", "jen": "jennifer", "jerry": "gerald",
    "jim": "james", "jimmy": "james", "joe": "joseph", "johnny": "john", "jon": "jonathan", "kate": "katherine",
    "kathy": "katherine", "ken": "kenneth", "larry": "lawrence", "leo": "leonard", "liz": "elizabeth",
    "maggie": "margaret", "matt": "matthew", "meg": "margaret", "mick": "michael", "mike": "michael",
    "nat": "nathaniel", "nick": "nicholas", "pat": "patrick patricia", "peggy": "margaret", "pete": "peter",
    "phil": "philip", "ray": "raymond", "rick": "richard", "rob": "robert", "ron": "ronald", "sam": "samuel",
    "sandy": "alexander", "steve": "steven stephen", "sue": "susan", "ted": "theodore edward", "terry": "terence",
    "tim": "timothy", "tom": "thomas", "tommy": "thomas", "tony": "anthony", "vince": "vincent", "walt": "walter",
    "will": "william", "alyosha": "aleksei", "borya": "boris", "dima": "dmitri", "fedya": "fyodor",
    "grisha": "grigori", "katya": "ekaterina", "kolya": "nikolai", "kostya": "konstantin", "lena": "elena",
    "lyosha": "aleksei", "masha": "maria", "misha": "mikhail", "mitya": "dmitri", "natasha": "natalia",
    "olya": "olga", "pasha": "pavel", "petya": "pyotr", "sasha": "aleksandr aleksandra", "seryozha": "sergei",
    "slava": "vyacheslav", "sonya": "sofia", "tanya": "tatiana", "tolya": "anatoli", "vanya": "ivan",
    "vasya": "vasili", "vitya": "viktor", "volodya": "vladimir", "vova": "vladimir", "yura": "yuri",
    "zhenya": "evgeni", "pepe": "jose", "paco": "francisco", "pancho": "francisco", "nacho": "ignacio",
    "chema": "jose", "quique": "enrique", "beto": "alberto", "hans": "johannes", "fritz": "friedrich",
    "sepp": "josef", "klaus": "nikolaus", "jupp": "josef",
}  # fmt: skip
FULL_FORMS: dict[str, frozenset[str]] = {short: frozenset(full.split()) for short, full in _SHORT_FORMS.items()}
