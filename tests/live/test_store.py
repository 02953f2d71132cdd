import pytest

from tests.live.news import touch
from zhike.core.live import store
from zhike.core.models import LiveEvent

pytestmark = pytest.mark.django_db


def seqs(frames: list[store.Frame]) -> list[int]:
    return [frame.seq for frame in frames]


def test_news_since_a_number_is_what_came_after_it():
    touch("case:1", 5)
    touch("case:2", 1)
    assert seqs(store.since("case:1", 3)) == [4, 5]
    assert store.since("case:1", 5) == []
    assert seqs(store.since("case:1", 0, limit=2)) == [1, 2]
    assert store.heads(["case:1", "case:2", "never"]) == {"case:1": 5, "case:2": 1, "never": 0}


def test_spans_of_many_topics_are_read_together():
    for number in range(60):
        touch(f"case:{number}", 2)
    frames = store.news({f"case:{number}": (1, 2) for number in range(60)})
    assert sorted(frame.topic for frame in frames) == sorted(f"case:{n}" for n in range(60))
    assert set(seqs(frames)) == {2}


def test_whoever_missed_news_that_is_gone_is_told_to_read_anew():
    touch("case:1", 5)
    LiveEvent.objects.filter(seq__lte=3).delete()
    (frame,) = store.since("case:1", 2)
    assert (frame.seq, '"reset"' in frame.data) == (5, True)
    assert seqs(store.since("case:1", 3)) == [4, 5]


def test_whoever_is_ahead_of_a_restored_database_is_told_to_read_anew():
    touch("case:1", 2)
    (frame,) = store.since("case:1", 9)
    assert (frame.seq, '"reset"' in frame.data) == (2, True)
