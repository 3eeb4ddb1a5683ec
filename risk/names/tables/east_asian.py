"""Surnames of East Asia: which characters are one, how they are read, how they are romanised."""

from __future__ import annotations

import re
from functools import lru_cache

# Surnames read otherwise than the character's usual reading: 《现代汉语词典》 (7th ed.), entries marked “姓”.
SURNAME_READINGS = {
    "曾": "zeng", "单": "shan", "單": "shan", "解": "xie", "仇": "qiu", "查": "zha", "任": "ren", "区": "ou", "區": "ou",
    "朴": "piao", "葛": "ge", "盖": "ge", "蓋": "ge", "华": "hua", "乐": "yue", "樂": "yue", "召": "shao", "折": "she",
    "覃": "qin", "缪": "miao", "繆": "miao", "宁": "ning", "翟": "zhai", "冼": "xian", "员": "yun", "洗": "xian", "尹": "yin",
    "种": "chong", "黑": "he", "秘": "bi", "祭": "zhai", "燕": "yan", "过": "guo", "令": "ling", "俞": "yu", "么": "yao",
    "晟": "cheng", "车": "che", "繁": "po", "逄": "pang", "薄": "bo", "褚": "chu", "沈": "shen", "瞿": "qu", "郗": "xi",
    "纪": "ji", "那": "na", "卜": "bu", "佘": "she", "贾": "jia", "賈": "jia", "尉迟": "yuchi", "尉遲": "yuchi", "万俟": "moqi",
    "長孫": "zhangsun", "长孙": "zhangsun", "澹台": "tantai", "单于": "chanyu",
}  # fmt: skip
# Surnames of two characters: 《百家姓》.
COMPOUND_SURNAMES = frozenset(
    {
        "欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒", "夏侯", "皇甫",
        "尉迟", "尉遲", "公孙", "公孫", "慕容", "令狐", "长孙", "長孫",
        "宇文", "端木", "东方", "東方", "独孤", "獨孤", "南宫", "南宮", "司空", "公冶",
        "太叔", "申屠", "仲孙", "仲孫", "轩辕", "軒轅", "钟离", "鍾離",
        "鲜于", "鮮于", "闻人", "聞人", "赫连", "赫連", "澹台", "万俟", "单于", "濮阳",
        "濮陽", "淳于", "宗政",
    }
)  # fmt: skip
KOREAN_COMPOUND_SURNAMES = frozenset(["남궁", "황보", "제갈", "사공", "선우", "독고", "동방", "서문"])

# Spellings of one surname or syllable. Korean: Revised Romanization (2000), McCune–Reischauer, and the spellings usual
# in passports (National Institute of Korean Language, survey of 2015). Chinese: Pinyin and Wade–Giles (ISO 7098; Wade
# 1892), Cantonese usual forms.
_SPELLINGS = (
    "kim gim ghim", "yi lee ri rhee i rhie", "pak park bak bahk", "choe choi chwe ch'oe",
    "chong jong jeong chung jung cheong", "kang gang", "cho jo", "chang jang", "yun yoon", "im lim rim",
    "yu ryu yoo you", "no ro roh noh", "paek baek paik", "sin shin", "kwon gwon", "ko go koh", "ku gu koo", "o oh",
    "so seo suh", "chon jeon jon chun", "pae bae", "u woo", "chu joo ju", "hyon hyun hyeon", "kwak gwak",
    "pyon byun byeon", "chin jin", "un eun", "yong young yeong", "chol chul cheol", "song sung seong", "sok suk seok",
    "hyok hyuk hyeok", "kyong kyung gyeong", "myong myung myeong", "son sun seon", "chun jun", "tae dae", "hun hoon",
    "su soo", "ku goo gu", "kil gil", "kuk guk", "ho hoh", "yol yul yeol", "sik shik", "hui hee", "hak hag",
    "tok deok duk", "zhou chou chow", "zhang chang cheung", "zhao chao", "xu hsu", "xie hsieh", "xiao hsiao",
    "zhu chu", "jiang chiang", "cai tsai choi", "cao tsao", "zheng cheng", "zhong chung", "zeng tseng", "qian chien",
    "qin chin", "guo kuo kwok", "gao kao", "deng teng", "dong tung", "ding ting", "du tu", "bai pai", "peng p'eng",
    "xi hsi", "zedong tsetung tzetung", "ze tse", "jie chieh", "rong jung", "ren jen", "shi shih", "chen chan",
    "huang wong hwang", "wu ng", "lin lam", "liang leung", "he ho", "ye yeh yip", "xiong hsiung", "xue hsueh",
    "zi tzu",
)  # fmt: skip


def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, spellings in enumerate(_SPELLINGS):
        for spelling in spellings.replace("'", "").split():
            found.setdefault(spelling, set()).add(number)
    return {spelling: frozenset(numbers) for spelling, numbers in found.items()}


SPELLING_GROUPS = _groups()


def spellings_of(syllable: str) -> frozenset[str]:
    """Return the other spellings of a surname or syllable, itself among them; nothing for one that has no others."""
    groups = SPELLING_GROUPS.get(syllable, ())
    return frozenset(spelling.replace("'", "") for number in groups for spelling in _SPELLINGS[number].split())


# Pinyin syllable by syllable to Wade–Giles without its apostrophes, which passports leave out (ISO 7098; Library of
# Congress, “New Chinese Romanization Guidelines”, 1998). Applied in this order.
_SYLLABLE = re.compile(r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?[aeiouü]+(?:ng|n(?![aeiou])|r(?![aeiou]))?")
_WADE_GILES = tuple(
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        (r"^(z|c)i$", "tzu"), (r"^si$", "ssu"), (r"^(zh|ch)i$", "chih"), (r"^shi$", "shih"), (r"^ri$", "jih"),
        (r"ian$", "ien"), (r"ong$", "ung"), (r"(?<=[gkh])e$", "o"), (r"(?<=[dtnlzcsr])uo$", "o"), (r"^yan$", "yen"),
        (r"^you$", "yu"),
        (r"ie$", "ieh"), (r"ye$", "yeh"), (r"ue$", "ueh"),
        (r"^[jq]", "c_h"), (r"^r", "j"), (r"^x", "hs"), (r"^zh|^ch", "c_h"), (r"^[zc](?!_)", "ts"),
        (r"^b", "p"), (r"^d", "t"), (r"^g", "k"), (r"_", ""),
    )
)  # fmt: skip


@lru_cache(maxsize=16_384)
def wade_giles(pinyin: str) -> str:
    """Return the Wade–Giles spelling of words in Pinyin: xiaoping → hsiaoping, zhu → chu."""
    return _SYLLABLE.sub(lambda found: _wade_giles(found[0]), pinyin)


def _wade_giles(syllable: str) -> str:
    for pattern, becomes in _WADE_GILES:
        syllable = pattern.sub(becomes, syllable)
    return syllable
