"""Legal forms of companies, each under the letters of its class.

Source: ISO 20275 (Entity Legal Forms), the GLEIF code list's local names and abbreviations. Forms of one class are
equivalents: a public company stays one whether it says AG, SA, PLC or ПАО. Matching classes is no evidence of the same
company, different ones are little evidence of another.
"""

from __future__ import annotations

_FORMS = {
    "public": """
        ag|aktiengesellschaft|plc|public limited company|public company limited|sa|societe anonyme|sociedad anonima
        societa per azioni|spa|nv|naamloze vennootschap|ab|aktiebolag|as|aksjeselskap|asa|aktieselskab|oyj|oy
        osakeyhtio|se|societas europaea|ad|oao|pao|zao|ao|ojsc|pjsc|cjsc|jsc|open joint stock company
        public joint stock company|closed joint stock company|joint stock company|joint stock co|joint stock
        otkrytoe aktsionernoe obshchestvo|publichnoe aktsionernoe obshchestvo|zakrytoe aktsionernoe obshchestvo
        aktsionernoe obshchestvo|pat|prat|psc|qsc|saog|saoc|tbk|bhd|berhad|sal|kk|kabushiki kaisha|anonim sirketi
        sa de cv|sapi de cv|sab de cv|gufen youxian gongsi|sas|societe par actions simplifiee|sca
        """,
    "limited": """
        ltd|limited|ltda|limitada|llc|limited liability company|limited liability co|limited liability|lc|gmbh|mbh
        gesellschaft mit beschrankter haftung|gesellschaft mit beschraenkter haftung|sarl
        societe a responsabilite limitee|srl|societa a responsabilita limitata|societatea cu raspundere limitata
        societate cu raspundere limitata|sociedad de responsabilidad limitada|s de rl de cv|sl|sociedad limitada|slu
        bv|besloten vennootschap|bvba|sprl|sp z oo|sp zoo|spolka z ograniczona odpowiedzialnoscia|spzoo|ooo
        obshchestvo s ogranichennoi otvetstvennostiu|too|tov|doo|kft|sro|uab|sia|ou|eood|ood|pte ltd|pte|pty ltd
        pty limited|pty|pvt ltd|pvt|private limited|private ltd|sdn bhd|sdn|co ltd|co limited|company limited
        company ltd|lda|fze|fzco|fzc|fz llc|wll|youxian gongsi|youxian zeren gongsi|yugen kaisha|godo kaisha
        limited sirketi|ltd sti|lp|llp|limited partnership|limited liability partnership|kg|kommanditgesellschaft
        gmbh co kg|gmbh and co kg|ohg|eurl|scs|snc|unlimited
        """,
    "corporation": """
        inc|incorporated|corp|corporation|co|company|compan|cie|compagnie|cia|compania|gesellschaft|gongsi|sirketi
        sherkat|shirkat|sharikat|pt|cv|perseroan terbatas|ug|ev|eg|kgaa|pc|pllc|asbl|vof|eirl|ep|eireli|me
        """,
    "state": """
        fgup|gup|federal state unitary enterprise|state unitary enterprise|unitary enterprise|fsue|rup|pe|soe
        """,
}

LEGAL_FORMS: dict[tuple[str, ...], str] = {
    tuple(form.split()): name
    for name, forms in _FORMS.items()
    for line in forms.splitlines()
    for form in line.strip().split("|")
    if form
}
LONGEST = max(len(words) for words in LEGAL_FORMS)

# Chinese, Japanese and Korean forms are written onto the name without a space; longer ones first.
ATTACHED_FORMS = {
    "股份有限公司": "gufen youxian gongsi",
    "有限责任公司": "youxian zeren gongsi",
    "有限責任公司": "youxian zeren gongsi",
    "集团有限公司": "group youxian gongsi",
    "有限公司": "youxian gongsi",
    "株式会社": "kabushiki kaisha",
    "有限会社": "yugen kaisha",
    "주식회사": "kabushiki kaisha",
    "유한회사": "yugen kaisha",
    "集团": "group",
    "集團": "group",
    "公司": "gongsi",
}

# Words that say what companies do or how large they are, in many names of companies: they identify little. The most
# frequent words of company registers in English, Spanish, German, French and romanised Russian and Persian.
GENERIC = frozenset(
    {
        "agency", "and", "asia", "associates", "bank", "business", "capital", "center", "centre", "commercial",
        "construction", "consulting", "de", "del", "des", "development", "distribution", "energy", "engineering",
        "enterprise", "enterprises", "establishment", "exchange", "export", "factory", "finance", "financial", "firm",
        "for", "foundation", "fund", "general", "global", "group", "groupe", "grupo", "gruppe", "holding", "holdings",
        "import", "industrial", "industries", "industry", "institute", "international", "intl", "inversiones",
        "investment", "investments", "la", "line", "lines", "logistics", "management", "marine", "maritime", "market",
        "markets", "national", "of", "office", "oil", "organisation", "organization", "partners", "petroleum",
        "production", "products", "project", "projects", "real", "estate", "sales", "sector", "service", "services",
        "shipping", "society", "solutions", "state", "store", "stores", "supply", "system", "systems", "tech",
        "technical", "technologies", "technology", "the", "trade", "trading", "transport", "trust", "und", "et",
        "union", "ventures", "works", "world", "y", "in", "on", "at", "to", "el", "al", "les", "le", "das", "der",
    }
)  # fmt: skip
LITTLE_WORDS = frozenset(
    {"the", "of", "and", "for", "de", "del", "des", "la", "le", "les", "el", "al", "y", "et", "und", "in",
     "on", "at", "to", "das", "der", "a"}
)  # fmt: skip

# Spellings and short forms of one word: British and American, and the usual abbreviations of company registers.
SAME_WORD = {
    "organisation": "organization", "centre": "center", "intl": "international", "int": "international",
    "grupo": "group", "groupe": "group", "gruppe": "group", "holdings": "holding", "services": "service",
    "technologies": "technology", "industries": "industry", "enterprises": "enterprise", "investments": "investment",
    "solutions": "solution", "systems": "system", "mfg": "manufacturing", "bros": "brothers", "univ": "university",
    "dept": "department", "assoc": "association", "natl": "national", "govt": "government", "saint": "st",
    "und": "and", "et": "and",
}  # fmt: skip
SAME_PHRASE = {
    ("u", "s"): ("united", "states"),
    ("u", "k"): ("united", "kingdom"),
    ("u", "a", "e"): ("united", "arab", "emirates"),
}

# Before the name of a ship, as shipping registers write them.
SHIP_PREFIXES = frozenset({"mv", "mt", "ms", "ss", "mts", "fv", "lpg", "vlcc"})
