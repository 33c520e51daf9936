"""Names that no table lists but whose own words say what they are: "Harrow Valley Bancorp", 「凜川科技」, 「分析師周怡蓁」.

A name found once this way is then found wherever the article repeats it, in full or short: "Harrow Valley said".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import ahocorasick_rs

from .lexicon import Lexicon, Name, Reading, is_latin

__all__ = ["find_unlisted"]

_FIRM_WORDS = (
    "Securities|Capital|Holdings|Bancorp|Bancshares|Therapeutics|Motors|Systems|Partners|Research|Trust|Bank|Financial|"
    "Pharmaceuticals|Pharma|Semiconductor|Technologies|Technology|Energy|Industries|Foods|Brands|Airlines|Air|Airways|"
    "Properties|Realty|Insurance|Management|Advisors|Advisers|Robotics|Software|Labs|Bio|Biosciences|Biotech|Logistics|"
    "Shipping|Resources|Minerals|Mining|Copper|Metals|Steel|Petroleum|Controls|Instruments|Devices|Medical|Healthcare|"
    "Sciences|Scientific|Specialty|Lending|Brokers|Brokerage|Trading|Leasing|Courier|Retail|Stores|Pantry|Hotels|"
    "Resorts|Entertainment|Media|Networks|Communications|Telecom|Wireless|Aerospace|Dynamics|Materials|Chemicals|"
    "Analytics|Interactive|Investments|Derivatives|Newswire|Wire|Fastener|Axle|Cement|Solar|Utilities|Water|Group|"
    "Markets|Finance|Line|Lines|Tool|Tools|Power|Electric|Health|Rail|Review|Letter|Hash|Bancorporation"
)
_TAILS = r"(?:,? (?:Inc|Corp|Corporation|Co|Company|Ltd|Limited|LLC|PLC|plc|AG|SE|NV|SA|SpA|Pte|Bhd|ASA|Oyj)\b\.?)"
_WORD = r"[A-Z][A-Za-zÀ-ÿ'.-]*"
_RUN = re.compile(rf"(?<![A-Za-z$])(?:{_WORD} (?:& )?){{1,4}}{_WORD}{_TAILS}?(?![A-Za-z])")
_FUND = re.compile(rf"(?<![A-Za-z$.] )(?<![A-Za-z$])(?:(?!The |Our |Your |This )[A-Z][A-Za-z0-9'&-]* ){{2,5}}(?:Fund|ETF)(?![A-Za-z])")
_FIRM_END = re.compile(rf"(?:^| )(?:{_FIRM_WORDS})$")
_TAIL_END = re.compile(rf"{_TAILS}$")
_SMALL = frozenset(
    "The A An In On At By For From With And But Or If As When While Since Because After Before Its It This That These "
    "Those Our Their His Her My Your We They He She Is Are Was Were Not No Now Then So Yet Buy Sell Hold Both Even "
    "Last Next New Shares Analysts Analyst Chief Why How What Like Unlike Under Over Per Via To Of Mr Ms Mrs Dr "
    "Against Despite Meanwhile Still Only Also Among Where Two Three Four One First Second Third January February "
    "March April May June July August September October November December Monday Tuesday Wednesday Thursday Friday "
    "Saturday Sunday Says Said Source Chart Image Photo Does Do Did Can Could Should Would Will Re Brief Inside "
    "Emerging US UK".split()
)
_COMMON_HEADS = frozenset(
    "Big High Low Real Private Public Global World International American European Asian Chinese Japanese Clean Green "
    "Health Human Social Free Fixed Net Gross Total Natural Crude Spot Digital Central Federal Reserve Interest Price "
    "Market Markets Stock Bond Credit Equity Venture Working Share Return Growth Value Small Large Mid Open Bull Bear "
    "Money Retail Cash Data Oil Gas Gold Silver Copper Power Energy Bank Investment Commercial Regional National Local "
    "State Cost Risk Hard Soft Cheap Good Bad Great Best Worst More Most Less Least Some Any All Each Every Other "
    "Another Such Many Much Few Several Further Tier Level Series Class Section Chapter Part Page Table Figure Travel "
    "Learn Long Short Total Wealth Asset Portfolio Fund Income Earnings Dividend Quarterly Weekly Daily Annual".split()
)


def find_unlisted(plain: str, readings: Iterable[Reading], lexicon: Lexicon) -> list[Reading]:
    """Return the readings of names that no table lists; `readings` are those found so far."""
    firms = dict.fromkeys(_latin_firms(plain), 0.7)
    firms |= dict.fromkeys(_chinese_firms(plain, lexicon), 0.7)
    for reading in readings:
        if reading.name.label == "COMPANY" and 0.9 == reading.score:  # stood beside a bracketed symbol
            firms[plain[reading.start : reading.end]] = 0.9
    names = {firm: Name("COMPANY", firm if firm.isascii() else None, None) for firm in firms}
    for fund in _FUND.findall(plain):
        names[fund] = Name("FUND", fund, None)
    for firm in firms:
        if (short := _short(firm)) and not lexicon.knows(short):
            names.setdefault(short, names[firm])
    for person in (*_latin_people(plain, names, lexicon), *_chinese_people(plain, lexicon)):
        names.setdefault(person, Name("PERSON", person if person.isascii() else None, None))
        surname = person.rpartition(" ")[2]
        if surname != person and len(surname) > 3 and not lexicon.knows(surname):
            names.setdefault(surname, names[person])
    found = list(_mentions(plain, names))
    surnames = {name[0] for name, what in names.items() if what.label == "PERSON"}
    for match in _HAN_SPEAKER.finditer(plain):  # 「岑:」 in an interview
        if match[0] in surnames:
            found.append(Reading(match.start(), match.end(), Name("PERSON", None, None), score=0.7))
    return found


def _mentions(plain: str, names: dict[str, Name]) -> Iterator[Reading]:
    if not names:
        return
    forms = list(names)
    matcher = ahocorasick_rs.AhoCorasick(forms, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    for index, start, end in matcher.find_matches_as_indexes(plain):
        cut = (start and is_latin(plain[start]) and is_latin(plain[start - 1])) or (
            end < len(plain) and is_latin(plain[end - 1]) and is_latin(plain[end])
        )
        if not cut:
            yield Reading(start, end, names[forms[index]], score=0.7)


# --------------------------------------------------------------------------------------------------- firms


def _latin_firms(plain: str) -> Iterator[str]:
    for match in _RUN.finditer(plain):
        words = match[0].removesuffix("'s").rstrip(".,'").split(" ")
        while words and (words[0].rstrip(".,") in _SMALL or words[0] == "&"):
            words.pop(0)
        while len(words) > 1 and not _names_a_firm(words):
            words.pop()
        if len(words) > 1 and words[0] not in _COMMON_HEADS and all(word != "" for word in words):
            yield " ".join(words)


def _names_a_firm(words: list[str]) -> bool:
    text = " ".join(words)
    if _FIRM_END.search(text) or _TAIL_END.search(text):
        return True
    return len(words) > 2 and words[-2] == "&" and words[-1] not in _COMMON_HEADS


def _short(firm: str) -> str | None:
    """Return what an article calls the firm from its second mention on, or None: Harrow Valley Bancorp → Harrow Valley."""
    if not firm.isascii():
        return None
    words = firm.split(" ")
    while len(words) > 1 and (_FIRM_END.search(words[-1]) or _TAIL_END.search(" " + words[-1]) or words[-1] in _COMMON_HEADS):
        words.pop()
    if "&" in words:
        return None
    short = " ".join(words)
    return short if short != firm and len(short) >= 5 and short not in _COMMON_HEADS else None


_SURE_ENDS = (
    "證券 金控 半導體 人壽 投顧 投信 房託 精機 精密 生技 控股 重電 海運 生醫 藥研 資管 旅行社 電訊 礦業 綠能 熱傳 電阻 茶飲 水泥 航空 銀行 "
    "產險 置業 電通 光電 電機 製藥 傳媒 期貨 創投 通訊社 食品 百貨 創芯 磁材 船務 集團"
).split()
_LIKELY_ENDS = (
    "科技 汽車 紡織 資本 研究 體育 零售 軟體 軟件 通訊 建設 鋼鐵 商品 餐飲 電信 電子 能源 生物 醫療 保險 地產 物流 航運 資產 娛樂 遊戲 "
    "網絡 醫藥 化工 材料 碼頭 電力 科控 銅業 金業 物業 酒店"
).split()
_ENDS = re.compile("|".join(sorted((*_SURE_ENDS, *_LIKELY_ENDS), key=len, reverse=True)))
_BREAKS = frozenset("的了是在與和及對由從但而以為像如看說買或讓被把向跟給於至到比等且則只就都也還有無不每各該此這那其同按據稱指賣撐於因若")
_NOT_IN_NAMES = (_BREAKS - {"和"}) | frozenset("我你他她它們個間家隻檔股年月日些過去來要會能可已再又很最更太做用叫請問一兩幾多少")
# Two characters that stand before 證券, 銀行, 科技 … and name no firm.
_ORDINARY_STEMS = frozenset(
    "大型 中型 小型 中小 本土 本地 外資 內資 國內 國外 海外 地區 區域 民營 公營 國營 官股 商業 投資 綜合 電動 純電 智慧 智能 高階 先進 成熟 "
    "人工 資訊 金融 核心 尖端 新興 傳統 國際 全球 環球 世界 主要 部分 個別 各大 多家 兩家 三家 四家 五家 幾家 這家 那家 該家 一家 上市 上櫃 "
    "相關 其他 競爭 同業 合作 母公 子公 旗下 中央 儲備 央行 國有 農業 工商 建設 開發 數位 網路 虛擬 私人 零售 企業 消費 電信 通訊 車用 消費性 "
    "功率 第三 化合 記憶 邏輯 類比 美國 中國 日本 歐洲 台灣 香港 韓國 德國 英國 法國 印度 亞洲 內地 大陸 高端 低階 豪華 燃油 傳產 重點 "
    "基礎 新型 現代 綠色 再生 清潔 潔淨 太陽 風力 離岸 上述 所述 持牌 網上 多間 多數 全體 須待 隔壁 決定 電網 晶片 早期 近月 利率 倒閉 承銷 配售 往來 發鈔 虛銀 持續 績效 混合 保薦 大宗 實體 線上 線下 連鎖 平價 精品 優質 龍頭 生物 生技 醫療 健康 創新 尖牙 硬體 軟體 軟件 美股 台股 港股 金控 科技 電子 產業 "
    "產品 市場 資本 長期 短期 固定 直接 間接 機構 個人 大眾 公司 集團 證券 債券 股票 期貨 有價 抵押 擔保 房貸 信貸 管理 理財 租賃 航空 客運 "
    "貨運 鐵路 低碳 節能 新能 人類 深度 基本 技術 市調 產經 獨立 專業 臨床 學術 內部 外部 券商 投行 分析 家用 商用 工業 民用 軍用 國防".split()
)


def _chinese_firms(plain: str, lexicon: Lexicon) -> Iterator[str]:
    """Yield firms by their last word: two to four characters of their own, then 證券, 科技 and the like."""
    places: dict[str, set[str]] = {}
    for match in _ENDS.finditer(plain):
        for size in (2, 3):
            start = match.start() - size
            stem = plain[max(start, 0) : match.start()]
            if start < 0 or not _is_stem(stem, lexicon):
                break
            places.setdefault(stem + match[0], set()).add(plain[start - 1 : start])
    taken: set[str] = set()
    for name, before in sorted(places.items(), key=lambda item: len(item[0])):
        end = next(word for word in (name[-3:], name[-2:]) if _ENDS.fullmatch(word))
        apart = sum(not ("\u4e00" <= character <= "\u9fff") or character in _BREAKS for character in before)
        if name[1:] in taken or lexicon.knows(name[1:]) or lexicon.knows(name):
            continue
        own = len(name) - len(end)
        if own == 2 and ((apart and (end in _SURE_ENDS or len(before) > 1)) or len(before) > 2) or (
            own == 3 and apart and len(before) > 1
        ):
            taken.add(name)
            yield name


def _is_stem(stem: str, lexicon: Lexicon) -> bool:
    return (
        all("\u4e00" <= character <= "\u9fff" and character not in _NOT_IN_NAMES for character in stem)
        and stem[-2:] not in _ORDINARY_STEMS
        and stem[:2] not in _ORDINARY_STEMS
        and not lexicon.knows(stem)
    )


# -------------------------------------------------------------------------------------------------- people

_GIVEN = r"[A-Z][a-zÀ-ÿ]+(?:-[A-Z][a-zÀ-ÿ]+)?"
_ROLE = (
    r"(?:chief|analyst|portfolio|head of|senior|managing|CEO|CFO|chair|economist|strategist|director|president|founder|"
    r"columnist|manager|editor|who |a (?:former|fund|portfolio|veteran)|an? \w+ (?:analyst|economist|columnist|manager)|"
    r"its|their|our|\w+ (?:columnist|editor|correspondent|analyst|strategist|manager|economist))"
)
_PERSON = re.compile(
    rf"(?:[Ss]aid|[Ss]ays|[Bb]y|analyst|executive|economist|manager|strategist|chairman|Mr|Ms|Mrs|Dr|columnist|CEO|CFO|editor|founder|"
    rf"interview with|[Aa]uthor:?|With|minister|governor)\.? (?P<after>{_GIVEN}(?: [A-Z]\.)? {_GIVEN})(?![A-Za-z ]*(?:Bank|Group|Inc|Research|Capital))"
    rf"|(?<![A-Za-z] )(?P<before>{_GIVEN} {_GIVEN})(?=,? (?:\|? ?){_ROLE})"
    rf"|^(?P<speaker>{_GIVEN} {_GIVEN})(?=:| \||$)",
    re.MULTILINE,
)
_SURNAMES = (
    "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何林羅高梁鄭謝宋唐許韓馮鄧曹彭曾蕭田董袁潘蔡蔣余于杜葉程蘇魏呂丁任盧姚沈鍾姜崔譚陸范汪廖石金賈夏韋方"
    "白鄒孟熊秦邱侯江尹薛閻段雷龍黎史陶賀顧毛郝龔邵萬錢嚴覃武戴莫孔向湯溫康施文洪簡游詹岑祁藍卓柯阮倪翁莊"
)
_TITLES = (
    "執行長|董事長|總經理|財務長|營運長|投資長|研究員|分析師|經濟學家|策略師|經理人|操盤人|總監|主管|主席|行政總裁|財務總監|首席|教授|先生|女士|小姐|"
    "發言人|部長|局長|司長|總裁|合夥人|創辦人|顧問|記者|編輯|專欄作家|撰文|作者|主筆|副總|協理|經理|會計師|律師|讀者|太太|老師"
)
_CHINESE_PERSON = re.compile(
    rf"(?:(?:{_TITLES})[::/ ]?(?P<after>[{_SURNAMES}][\u4e00-\u9fff]{{2}})(?=[^\u4e00-\u9fff]|表示|指出|認為|說|坦言|強調|預期|在|的|稱|則|也|直言|提醒|寫道|分析)"
    rf"|(?<![\u4e00-\u9fff])(?P<before>[{_SURNAMES}][\u4e00-\u9fff]{{2}})(?= ?[((]?(?:{_TITLES})| ?[//|丨]))"
)


def _latin_people(plain: str, firms: Iterable[str], lexicon: Lexicon) -> Iterator[str]:
    firm_words = {word for firm in firms for word in firm.split()}
    for match in (*_PERSON.finditer(plain), *_BYLINE.finditer(plain, 0, _HEAD)):
        name = match["name"] if match.re is _BYLINE else match["after"] or match["before"] or match["speaker"]
        words = name.split()
        if {words[0], words[-1]} & (_SMALL | _COMMON_HEADS) or any(lexicon.knows(word) for word in (name, *words)):
            continue
        if not any(word in firm_words for word in words) and not _FIRM_END.search(name):
            yield name
    speakers = _SPEAKER.findall(plain)
    yield from (name for name in dict.fromkeys(speakers) if speakers.count(name) > 1 and not lexicon.knows(name))


_HEAD = 400  # where titles and bylines are
_BYLINE = re.compile(rf"^(?:By )?(?P<name>{_GIVEN}(?: [A-Z]\.)? {_GIVEN})(?=, | \||$)", re.MULTILINE)
_SPEAKER = re.compile(r"^\**([A-Z]{3,12})(?=\**:)", re.MULTILINE)
_HAN_BYLINE = re.compile(
    rf"(?:^|(?<=[ /:|｜丨、]))(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{2}})(?=$|[ :(|｜丨/])", re.MULTILINE
)
_HAN_SPEAKER = re.compile(rf"^[{_SURNAMES}](?=:)", re.MULTILINE)
_NOT_GIVEN = frozenset("股會價率指所業金行債的線點元期面險跌升漲高低大中")


def _chinese_people(plain: str, lexicon: Lexicon) -> Iterator[str]:
    for match in _CHINESE_PERSON.finditer(plain):
        name = match["after"] or match["before"]
        if not lexicon.knows(name):
            yield name
    for match in _HAN_BYLINE.finditer(plain, 0, _HEAD):
        if match["name"][2] not in _NOT_GIVEN and not lexicon.knows(match["name"]):
            yield match["name"]
