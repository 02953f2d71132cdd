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
# Family names of two characters, in both scripts.
DOUBLE_SURNAMES = frozenset(
    {
        "欧阳", "司马", "上官", "诸葛", "夏侯", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐",
        "长孙", "宇文", "司徒", "南宫", "端木", "澹台", "闻人", "赫连", "申屠", "太史", "公羊",
        "百里", "东郭", "呼延", "独孤", "轩辕", "钟离", "鲜于", "闾丘", "歐陽", "東方", "長孫",
    }
)  # fmt: skip
