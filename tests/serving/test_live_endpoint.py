"""Who is let in to `/live` and `/poll`, and what they say to others."""

import pytest

from tests.serving.listening import EventSource
from tests.serving.trees import Tree, wait_until


def test_strangers_are_asked_to_sign_in(site: Tree):
    for path in ("/live?topics=desk:1:0", "/poll?topics=desk:1:0"):
        assert site.request(path).status == 401
        assert site.request(path, headers={"Cookie": "zhike_session=forged"}).status == 401


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/live?topics=desk:9:0", "GET", 403),
        ("/live?topics=unknown:1:0", "GET", 403),
        ("/live?topics=case:abc:0", "GET", 403),
        ("/live", "GET", 400),
        ("/live?topics=%00", "GET", 400),
        ("/poll?topics=desk", "GET", 400),
        ("/live?topics=desk:1:0", "POST", 405),
    ],
)
def test_what_cannot_be_heard_is_refused(
    site: Tree, cookie: str, path: str, method: str, status: int
):
    assert site.request(path, method, headers={"Cookie": cookie}).status == status


def test_a_stream_after_the_logout_is_refused(site: Tree):
    cookie = site.sign_in()
    assert site.request("/poll?topics=desk:1:", headers={"Cookie": cookie}).status == 200
    site.request("/sign-out", headers={"Cookie": cookie})
    assert site.request("/live?topics=desk:1:", headers={"Cookie": cookie}).status == 401


def test_a_stream_tells_news_of_open_topics_only(site: Tree, cookie: str):
    source = EventSource(site, "case:4:,case:99:0", cookie)
    try:
        wait_until(lambda: source.last_id, "the stream to open")
        site.request("/touch/case:99?n=hidden")
        site.request("/touch/case:4?n=open")
        wait_until(lambda: source.events, "the news")
        assert source.last_id == "case:4:1"
        assert [event["payload"] for event in source.events] == [{"n": "open"}]
    finally:
        source.close()


def test_polling_tells_the_same_news(site: Tree, cookie: str):
    for number in range(3):
        site.request(f"/touch/case:5?n={number}")
    told = site.request("/poll?topics=case:5:1,case:99:0", headers={"Cookie": cookie}).json
    assert told["topics"] == "case:5:3"
    assert [(event["topic"], event["seq"]) for event in told["events"]] == [
        ("case:5", 2),
        ("case:5", 3),
    ]
    again = site.request(f"/poll?topics={told['topics']}", headers={"Cookie": cookie}).json
    assert again == {"topics": "case:5:3", "events": []}
