"""A message with a subject, as one text: the subject is its first line, an empty line follows, then the body.

Between the two may stand the address at which whoever gets it says that they want no more of the kind.
So the outbox keeps one text for every channel, people read it as it is, and no line end can get into a subject.
"""

from dataclasses import dataclass

LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Letter:
    subject: str
    body: str
    unsubscribe: str = ""

    def text(self) -> str:
        head = " ".join(self.subject.split())
        return "\n".join([head, *filter(None, [self.unsubscribe]), "", self.body])


def read_letter(text: str) -> Letter:
    """A text without such a head is a body, its first line the subject."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    head, _empty, body = text.partition("\n\n")
    lines = head.split("\n")
    subject = " ".join(lines[0].split())[:LONGEST_SUBJECT]
    if len(lines) == 1 and body:
        return Letter(subject, body)
    if len(lines) == 2 and body and lines[1].startswith(("https://", "http://")):
        return Letter(subject, body, lines[1])
    return Letter(subject, text)
