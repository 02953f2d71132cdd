"""ZHIKE_PUBLIC_LIMITS: how often an address may use the public pages within an hour, e.g. form=20,words=60"""

# Many customers may come through one address (a mobile network, an office): these stop programs, not people.
USUAL = {
    # Matters sent by the form.
    "form": 20,
    # Messages, reminders and complaints about the answer on the progress page.
    "words": 60,
    # Progress links that lead nowhere.
    "links": 60,
    # Files looked at on the progress page.
    "files": 300,
    # Pages of questionnaires sent in; counted by each process for itself.
    "answers": 600,
    # Of these, with photos or files; counted likewise.
    "uploads": 60,
}


def public_limits(text: str) -> dict[str, int]:
    """The usual ones, with those named; a wrong one stops the start with a sentence."""
    limits = dict(USUAL)
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _sign, most = (piece.strip() for piece in part.partition("="))
        if (
            name not in limits
            or not most.isascii()
            or not most.isdigit()
            or not 0 < int(most) < 10**6
        ):
            raise ValueError(
                f"ZHIKE_PUBLIC_LIMITS must look like form=20,words=60 (known: {', '.join(USUAL)})."
            )
        limits[name] = int(most)
    return limits
