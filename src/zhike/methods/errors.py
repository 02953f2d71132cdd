"""What a method says when it cannot answer."""


class MethodError(ValueError):
    """`what` names the input (an argument, a column, a block), `why` says in a sentence what is wrong with it."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why
