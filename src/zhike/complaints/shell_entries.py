"""Menu entries and bell sentences of complaints."""


def register() -> None:
    pass
