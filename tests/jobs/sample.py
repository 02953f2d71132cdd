"""Jobs for the tests: they note what happened in this module, in the process that ran them."""

from zhike.core import work
from zhike.core.errors import RuleError
from zhike.core.jobs import Cancelled, GiveUp, Interrupted, PutOff, current, job, periodic

seen: list[object] = []


@job()
def note(value: int) -> int:
    seen.append(value)
    return value * 2


@job(attempts=3)
def fail_twice(key: str) -> None:
    seen.append(key)
    if seen.count(key) < 3:
        raise RuntimeError("not yet")


@job()
def hopeless() -> None:
    raise GiveUp("the file is gone")


@job(attempts=1)
def waits_for_paper() -> str:
    if not seen:
        raise PutOff("there is no paper")
    return "printed"


@job(attempts=1)
def refused() -> None:
    raise RuleError("no_paper", "There is no paper in the tray.")


@job(attempts=1)
def fail_with(text: str) -> None:
    raise ValueError(text)


@job()
def interrupted() -> None:
    seen.append("interrupted")
    raise Interrupted


@job(queue="bulk")
def chunked(chunks: int) -> None:
    for number in range(chunks):
        current().pause()
        with work.unit(work.Actor.system("tests")):
            current().report(done=number + 1, total=chunks, note="working")
        seen.append(number)


@job()
def cancels_itself() -> None:
    raise Cancelled


@job()
def answers_nonsense() -> object:
    return object()


@periodic(every_seconds=60)
@job()
def minutely() -> None:
    seen.append("minutely")


@periodic(daily_at="03:10")
@job()
def nightly() -> None:
    seen.append("nightly")


@periodic(every_seconds=1)
@job()
def each_second() -> None:
    seen.append("tick")
    if "break the tick" in seen:
        raise RuntimeError("broken tick")
