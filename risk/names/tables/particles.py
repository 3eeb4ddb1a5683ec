"""Small words within people's names, and what stands before or after them."""

from __future__ import annotations

# Arabic article and its assimilated forms, and the words for “son/daughter of”: ALA-LC romanisation table for Arabic
# (Library of Congress, 2012), rules 17 to 21; French and English press spellings.
ARABIC_ARTICLES = frozenset(
    {"al", "el", "ul", "ur", "ud", "us", "uz", "ad", "ar", "ash", "as", "at", "az", "an", "ed", "er", "es"}
)
DESCENT = frozenset({"bin", "ibn", "ben", "bint", "binti", "bt", "bte", "ould", "wald", "walad", "mac", "ap", "ab"})

# “Servant of …” is one name with the divine attribute that follows; “father/mother of …” is a by-name (kunya). ALA-LC,
# as above.
SERVANT = frozenset({"abd", "abdul", "abdel", "abdal", "abdol", "abdoul", "abdu", "abdi", "abed", "abdou"})
KUNYA = frozenset({"abu", "abou", "abo", "aboo", "umm", "oum", "um"})

# IFLA, “Names of Persons: National Usages for Entry in Catalogues” (1996): prefixes of European surnames.
EUROPEAN = frozenset(
    {
        "af", "av", "da", "das", "de", "del", "dela", "della", "den", "der", "des", "di", "do", "dos", "du", "la",
        "las", "le", "los", "op", "te", "ten", "ter", "van", "vande", "vander", "von", "vom", "y", "zu", "zum", "zur",
    }
)  # fmt: skip

# Forms of address, offices, ranks and honorifics, before or after a name: the UN list's own TITLE values, OFAC's
# remarks, and the customary English, French, German, Spanish and Russian forms.
TITLES = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mister", "madam", "mme", "monsieur", "herr", "frau", "senor", "senora", "sr",
        "sra", "don", "dr", "doctor", "prof", "professor", "eng", "engineer", "ing", "ir", "hon", "honorable",
        "honourable", "sir", "lord", "lady", "dame", "rev", "reverend", "father", "bishop", "pastor", "gen",
        "general", "col", "colonel", "maj", "major", "capt", "captain", "lt", "lieutenant", "brig", "brigadier",
        "sgt", "sergeant", "adm", "admiral", "marshal", "commander", "cmdr", "president", "praesident", "prasident",
        "presidente", "minister", "ambassador", "judge", "king", "prince", "princess", "emir", "amir", "sultan",
        "haji", "hajji", "haj", "hajj", "hadji", "alhaji", "alhaj", "hajja", "sheikh", "shaikh", "shaykh", "sheik",
        "cheikh", "sayyid", "sayed", "sayyed", "syed", "said", "seyed", "seyyed", "mullah", "mulla", "molla",
        "maulana", "mawlana", "maulavi", "mawlawi", "maulawi", "moulvi", "molvi", "maulvi", "qari", "kari", "hafiz",
        "hafez", "hafidh", "mufti", "imam", "ustad", "ustaz", "ustadz", "ayatollah", "hojjat", "akhund", "akhond",
        "akhunzada", "agha", "aqa", "jr", "sen", "esq", "phd", "md", "na", "nee", "comrade", "gospodin",
    }
)  # fmt: skip
# These are surnames and given names too (Sultan, Said, King …): as titles they count for little, as names for
# something.
TITLES_AND_NAMES = frozenset(
    {"king", "prince", "lord", "sultan", "amir", "emir", "said", "sayed", "sayyid", "syed", "major", "marshal", "judge", "bishop",
     "general", "agha", "imam", "hafiz", "hafez", "don", "ir", "ing", "lt", "sen", "maj", "akhund", "akhunzada", "sr",
     "haji"}
)  # fmt: skip
GENERATIONS = frozenset({"jr", "junior", "ii", "iii", "iv"})

# East Slavic patronymics, in all common romanisations (ISO 9, BGN/PCGN, German). A surname on -ovich (Abramovich)
# looks the same.
PATRONYMIC_ENDINGS = ("ovich", "evich", "ovitch", "evitch", "ovic", "evic", "owitsch", "ewitsch", "ovych", "evych", "yovych",
                      "ovna", "evna", "ivna", "ichna", "inichna", "owna", "ewna")  # fmt: skip

# Endings that whole families of names share, so that sharing them proves nothing: Slavic, Caucasian, Turkic, Pashto,
# Persian, Arabic, Icelandic, Germanic, Armenian, Indonesian. Hanks, Coates & McClure, “The Oxford Dictionary of Family
# Names” (2016), introduction; Caffarelli & Gagliardi, “Sociocultural aspects of surnames”.
SHARED_ENDINGS = ("shvili", "dottir", "sdottir", "sson", "ovich", "evich", "ovna", "evna", "ovski", "evski", "ovsky", "evsky",
                  "uddin", "ullah", "allah", "zadeh", "zada", "zai", "enko", "chuk", "yants", "oglu", "ovic", "evic",
                  "ov", "ova", "ev", "eva", "ian", "yan", "son", "sen", "berg", "burg", "stein", "mann", "man",
                  "poulos", "wati", "anto",
                  "pour")  # fmt: skip
