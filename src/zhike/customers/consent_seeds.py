"""The purposes a new installation starts with, and what customers are told about those that need consent.

The texts are drafts: a company puts its own name, data and periods in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SeedPurpose:
    code: str
    label: str
    note: str
    needs_consent: bool
    is_capped: bool
    is_sensitive: bool = False
    notice: str = ""


PURPOSES = (  # zh-data
    SeedPurpose(
        "service", "服务联系", "处理诉求、投诉办结后的回访、告知进度，履行合同所必需", False, False
    ),
    SeedPurpose("survey", "满意度调查", "服务之后请客户评价，包括投诉以外的回访", False, True),
    SeedPurpose(
        "marketing", "营销推荐", "新品、活动、配件与保养推荐", True, True,
        notice="我们想不时告诉您新品、活动和保养建议。为此会用到您的姓名、联系方式和购买记录，"
        "保存到您撤回同意为止。您随时可以在电话里、网点或回复“退订”撤回，撤回不影响您得到的服务。",
    ),
    SeedPurpose(
        "recording", "通话录音", "用于核对约定和改进服务", True, False,
        notice="为核对约定和改进服务，本次通话可能被录音。录音保存 2 年，只有处理您诉求的人员和质检可以收听。"
        "您可以要求不录音，我们照样为您办理。",
    ),
    SeedPurpose(
        "profiling", "个性化推荐", "按购买和使用情况推荐产品与服务", True, False,
        notice="我们想根据您的购买和使用情况推荐合适的产品与服务。为此会用到您的购买记录、产品和服务记录，"
        "保存到您撤回同意为止。您随时可以撤回，撤回后我们不再做这样的推荐。",
    ),
    SeedPurpose(
        "sensitive", "敏感个人信息", "证件号码、健康、账户、行踪、不满十四周岁的人的信息，须单独同意", True, False,
        is_sensitive=True,
        notice="为办理您的这件事，我们需要您的敏感个人信息。只用于这件事，加密保存，办结并过了保存期限即删除。"
        "不提供可能使这件事无法办理，不影响其他服务。请您就此单独同意。",
    ),
)  # fmt: skip


def plant(apps: Any, now: datetime) -> None:
    """`apps` has `get_model`. A purpose that is there stays as it is."""
    purposes = apps.get_model("customers", "ConsentPurpose")
    notices = apps.get_model("customers", "NoticeText")
    for position, seed in enumerate(PURPOSES):
        row, made = purposes.objects.get_or_create(
            code=seed.code,
            defaults={
                "label": seed.label,
                "note": seed.note,
                "needs_consent": seed.needs_consent,
                "is_capped": seed.is_capped,
                "is_sensitive": seed.is_sensitive,
                "position": position * 10,
            },
        )
        if made and seed.notice:
            notices.objects.create(
                purpose=row, version=1, text=seed.notice, made_at=now, author_name="zhike"
            )
