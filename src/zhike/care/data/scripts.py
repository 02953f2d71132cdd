"""The first words of the scripts, in the language of the company; editable afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SeedScript:
    type_code: str | None
    opening: str
    # (kind, text)
    questions: tuple[tuple[str, str], ...]


OPENING = "您好，我是客服{name}，想就“{matter}”这件事做个回访，占用您两分钟，方便吗？"
SCRIPTS = (
    SeedScript(
        None,
        OPENING,
        (
            ("yes_no", "事情办好了吗？"),
            ("score", "这次办理您打几分？"),
            ("text", "还有什么想告诉我们的？"),
        ),
    ),
    SeedScript(
        "complaint",
        "您好，我是客服{name}。上次的事给您添麻烦了，想问问您答应您的都做到了没有，现在方便吗？",
        (
            ("yes_no", "答应您的事都按时做到了吗？"),
            ("yes_no", "现在都正常了吗？"),
            ("score", "处理的结果您打几分？"),
            ("score", "处理的过程和态度您打几分？"),
            ("text", "要是再来一次，您希望我们怎么做？"),
        ),
    ),
    SeedScript(
        "repair",
        OPENING,
        (
            ("yes_no", "修好以后用着正常吗？"),
            ("yes_no", "师傅讲清楚原因和费用了吗？"),
            ("score", "这次维修您打几分？"),
            ("text", "还有什么想告诉我们的？"),
        ),
    ),
)
SWITCHED_ON = ("complaint", "repair", "return")


def plant(apps: Any, now: datetime) -> None:
    """Rules and scripts where there are none yet. `apps` has `get_model`; for the migration and for tests."""
    rule = apps.get_model("care", "FollowUpRule").objects
    known = set(apps.get_model("desk", "CaseType").objects.values_list("code", flat=True))
    for code in SWITCHED_ON:
        if code in known:
            rule.get_or_create(type_id=code, defaults={"is_on": True})
    question = apps.get_model("care", "Question")
    for seed in SCRIPTS:
        if seed.type_code is not None and seed.type_code not in known:
            continue
        script, is_new = apps.get_model("care", "Script").objects.get_or_create(
            type_id=seed.type_code, is_default=seed.type_code is None
        )
        if not is_new:
            continue
        version = apps.get_model("care", "ScriptVersion").objects.create(
            script=script, number=1, opening=seed.opening, made_at=now
        )
        question.objects.bulk_create(
            question(version=version, place=place, kind=kind, text=text)
            for place, (kind, text) in enumerate(seed.questions, 1)
        )
        script.current = version
        script.save(update_fields=["current"])
