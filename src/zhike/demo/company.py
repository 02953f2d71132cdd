"""海晨三轮车, the demo company: its units and people. Every name is invented."""

from dataclasses import dataclass

COMPANY = "海晨三轮车"
DESK = "客服部"
# A region belongs to the desk, its dealers to the region.
REGIONS: dict[str, tuple[str, ...]] = {
    "豫东大区": ("鹿邑鑫达车行", "沈丘腾达车行", "宁陵老周电动车"),
    "皖北大区": ("亳州顺和车业", "涡阳通达电动车"),
    "鲁西南大区": ("曹县兴旺三轮车行",),
}
DEPARTMENTS = ("品质部", "仓储部", "管理部")
# Provinces customers of a region live in, as in the seeded tree of regions.
PROVINCES = {"豫东大区": "河南", "皖北大区": "安徽", "鲁西南大区": "山东"}
TOWNS = {
    "豫东大区": ("周口市商水县", "周口市沈丘县", "商丘市宁陵县", "周口市鹿邑县", "商丘市睢阳区"),
    "皖北大区": ("亳州市谯城区", "亳州市涡阳县", "阜阳市太和县"),
    "鲁西南大区": ("菏泽市曹县", "菏泽市单县", "济宁市金乡县"),
}


@dataclass(frozen=True)
class Member:
    number: str
    name: str
    unit: str
    role: str
    title: str
    extension: str = ""

    @property
    def password(self) -> str:
        """Known to everybody who reads this: the demo answers on this machine only."""
        return f"haichen-{self.number}"


STAFF = (
    Member("1001", "林静", DESK, "agent", "客服专员", "806"),
    Member("1002", "高翔", DESK, "agent", "客服专员", "807"),
    Member("1003", "何雨桐", DESK, "agent", "客服专员", "808"),
    Member("1004", "宋佳", "鲁西南大区", "agent", "驻区客服", "811"),
    Member("1010", "王建国", DESK, "supervisor", "客服主管", "801"),
    Member("1020", "李婷", DESK, "inspector", "服务质检"),
    Member("1030", "孙立", "豫东大区", "engineer", "巡回服务工程师"),
    Member("1040", "周敏", "品质部", "department_owner", "品质部经理"),
    Member("1041", "马超", "仓储部", "department_owner", "仓储部经理"),
    Member("1050", "赵磊", "管理部", "trainer", "培训师"),
    Member("1060", "陈国栋", "管理部", "executive", "副总经理"),
    Member("1000", "刘洋", "管理部", "administrator", "系统管理员"),
)
AGENTS = ("1001", "1002", "1003", "1004")
