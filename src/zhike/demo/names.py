"""Invented customers. The awkward ones are here on purpose: pages must bear them."""

from dataclasses import dataclass, field
from random import Random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
GIVEN = (
    *(
        "志强",
        "海涛",
        "建华",
        "秀英",
        "桂兰",
        "国庆",
        "丽华",
        "德胜",
        "宏伟",
        "秀珍",
        "学军",
        "立军",
    ),
    *(
        "会敏",
        "月梅",
        "海燕",
        "洪波",
        "文静",
        "玉兰",
        "春生",
        "小红",
        "晓东",
        "凤霞",
        "永福",
        "大勇",
    ),
    *(
        "金花",
        "长河",
        "保国",
        "爱民",
        "新民",
        "素芬",
        "红梅",
        "振华",
        "明亮",
        "小芳",
        "喜林",
        "铁柱",
    ),
    *("翠平", "景云", "庆丰", "来福"),
)
AWKWARD_PEOPLE = (
    "欧阳修远",
    "阿卜杜拉·买买提",
    "王",
    "司马相如琳",
    "陳寶強",
    "O'Brien 李",
    "开心果😀",
    "单田",
    "爨宝",
    "鹿邑县城关镇老君台东侧第三排第二户的马大爷",
)
TRADES = (
    "鲜果批发",
    "粮油",
    "建材",
    "快运",
    "早餐",
    "蔬菜配送",
    "废品回收",
    "家电配送",
    "花木",
    "农资",
)
AWKWARD_FIRMS = (
    "商丘市睢阳区古宋街道办事处向阳社区居民服务合作社（筹）",
    "A&B 物流 <周口>",
    "亳州顺和“同城”配送",
)
OCCUPATIONS = ("个体商户", "种植户", "快递员", "司机", "菜农", "装修师傅", "退休", "")
HABITS = (
    ("联系", "喜欢打电话，不爱看长消息", False),
    ("联系", "4:00–8:00 在进货，请勿来电", True),
    ("联系", "宜 10:00 后联系", False),
    ("称呼", "叫“老板”更亲近", False),
    ("付款", "付款爱用对公转账，要专票", False),
    ("用车", "每天跑 55 公里左右，常爬坡", False),
    ("用车", "冬天停在室外，电池掉得快", False),
    ("习惯", "听力不好，说话请慢一点、大声一点", True),
    ("习惯", "只认林静，别人接会先问", False),
    ("习惯", "不用微信，只接电话", True),
)
NEEDS = (
    ("unmet_problem", "雨天涉水后断电，两次"),
    ("expectation", "旺季 24 小时内有人上门"),
    ("suggestion", "车厢加长 20 厘米"),
    ("need", "想换大电池，跑 80 公里不充电"),
    ("expectation", "配件发货能告诉单号"),
    ("unmet_problem", "上次约好的时间没来人"),
    ("suggestion", "说明书字太小，想要大字版"),
)
TAGS = ("批发户", "老客户", "经销商介绍", "跑长途", "旺季 9–12 月", "要专票", "山区用车")


@dataclass
class Draft:
    """What the loader makes a customer of."""

    kind: str
    name: str
    phone: str
    region: str
    town: str
    tier: str
    stage: str
    occupation: str = ""
    habits: list[tuple[str, str, bool]] = field(default_factory=list)
    needs: list[tuple[str, str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def phone_number(index: int) -> str:
    """Numbers of a block kept for trials here: 199 0000 0001 and on. Nobody is ever called or written to."""
    return f"1990000{index:04d}"


def _person(random: Random, index: int) -> str:
    if index < len(AWKWARD_PEOPLE):
        return AWKWARD_PEOPLE[index]
    return random.choice(SURNAMES) + random.choice(GIVEN)


def _firm(random: Random, index: int, town: str) -> str:
    if index < len(AWKWARD_FIRMS):
        return AWKWARD_FIRMS[index]
    return f"{town[3:-1] or town}{random.choice(SURNAMES)}记{random.choice(TRADES)}"


def draft_customers(random: Random, count: int, towns: dict[str, tuple[str, ...]]) -> list[Draft]:
    drafts: list[Draft] = []
    people = firms = 0
    for index in range(count):
        region = random.choices(list(towns), weights=[5, 3, 2])[0]
        town = random.choice(towns[region])
        is_firm = index % 6 == 5
        name = _firm(random, firms, town) if is_firm else _person(random, people)
        firms, people = (firms + 1, people) if is_firm else (firms, people + 1)
        drafts.append(
            Draft(
                kind="organisation" if is_firm else "person",
                name=name,
                phone=phone_number(index + 1),
                region=region,
                town=town,
                tier=random.choices(("ordinary", "key", "vip", "careful"), (78, 14, 6, 2))[0],
                stage=random.choices(
                    ("kept", "won", "prospect", "developing", "at_risk", "lost", "won_back"),
                    (52, 20, 12, 4, 7, 3, 2),
                )[0],
                occupation="" if is_firm else random.choice(OCCUPATIONS),
                habits=random.sample(HABITS, random.choices((0, 1, 2, 3), (55, 25, 15, 5))[0]),
                needs=random.sample(NEEDS, random.choices((0, 1, 2), (75, 20, 5))[0]),
                tags=random.sample(TAGS, random.choices((0, 1, 2), (60, 30, 10))[0]),
            )
        )
    return drafts
