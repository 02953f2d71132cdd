from zhike.core import work


def touch(topic: str, times: int = 1, kind: str = "changed") -> None:
    for number in range(times):
        with work.unit(work.Actor.system("tests")) as unit:
            unit.touch(topic, kind, {"n": number})
