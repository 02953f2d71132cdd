"""Family names whose reading differs from the character's usual one."""

SURNAME_READINGS = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "区": "ou", "查": "zha", "解": "xie", "任": "ren", "朴": "piao",
    "盖": "ge", "缪": "miao", "翟": "zhai", "乐": "yue", "覃": "qin", "折": "she", "尹": "yin", "员": "yun",
    "黑": "he", "种": "chong", "洗": "xian", "重": "chong", "召": "shao", "纪": "ji", "冼": "xian", "宓": "mi",
}  # fmt: skip
DOUBLE_SURNAME_READINGS = {
    "尉迟": ("yu", "chi"),
    "长孙": ("zhang", "sun"),
    "万俟": ("mo", "qi"),
    "澹台": ("tan", "tai"),
    "鲜于": ("xian", "yu"),
}
