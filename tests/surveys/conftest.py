"""Scenes of questionnaires: one empty, one that can be published."""

from typing import Any

import pytest

from tests.cast import Cast, Staff
from tests.cast import cast_fixture as cast_fixture
from zhike.surveys import services
from zhike.surveys.definition import Draft
from zhike.surveys.models import Survey


def question(key: str, kind: str, text: str, **parts: Any) -> Draft:
    return {"key": key, "kind": kind, "text": {"zh-hans": text}, **parts}


def choices(*texts: str) -> list[Draft]:
    return [{"key": chr(ord("a") + n), "text": {"zh-hans": text}} for n, text in enumerate(texts)]


def whole_draft() -> Draft:
    """Two pages: which tricycle, then how content one is with it."""
    return {
        "format": 1,
        "languages": ["zh-hans", "en"],
        "title": {"zh-hans": "车主调查", "en": "Owners"},
        "sections": [
            {
                "key": "s1",
                "questions": [
                    question(
                        "q1",
                        "single",
                        "哪一款？",
                        options=choices("货运", "客货两用"),
                        required=True,
                    )
                ],
            },
            {
                "key": "s2",
                "when": [{"question": "q1", "values": ["a"]}],
                "questions": [
                    question("q2", "scale", "对{{q1}}满意吗？", points=5),
                    question("q3", "text", "为什么？"),
                ],
            },
        ],
        "quotas": [{"question": "q1", "value": "b", "most": 50}],
    }


def make(by: Staff, unit_id: int, draft: Draft | None = None) -> Survey:
    return services.make_survey(**by.acting, document=draft or whole_draft(), unit_id=unit_id)


@pytest.fixture
def survey(cast: Cast) -> Survey:
    """Wang's, of Zhoukou; a draft that can be published."""
    return make(cast.wang, cast.zhoukou.pk)


@pytest.fixture
def published(cast: Cast, survey: Survey) -> Survey:
    services.publish(**cast.wang.acting, survey_id=survey.pk)
    survey.refresh_from_db()
    return survey
