"""What is sent instead of what is asked for."""

from random import Random

# Text, as the bytes that travel: some are no UTF-8 at all.
TEXTS: tuple[bytes, ...] = (
    b"",
    b" \t ",
    b"\x00",
    "坏\x00的".encode(),
    b"\xed\xa0\x80",  # half of a surrogate pair
    b"\xff\xfe\xfa",
    "\u202eevil\u202c\u2066".encode(),
    "\ufeff\uffff\u0000\U0010ffff".encode(),
    "😀".encode() * 200,
    b"x" * 300,
    "长".encode() * 11_000,
    b"x" * 120_000,
    b"<script>alert(1)</script>",
    b'"><img src=x onerror=alert(1)>',
    b"=cmd|'/c calc'!A1",
    b"{{7*7}}{% include 'x' %}%s%(n)s{0}",
    b"' OR 1=1; DROP TABLE desk_case; --",
    b"../../../../etc/passwd",
    b"a\r\nSet-Cookie: zhike_session=x",
    b"//evil.example/",
    b"javascript:alert(1)",
)
NUMBERS: tuple[bytes, ...] = (
    b"0",
    b"-1",
    b"1.5",
    b"1e400",
    b"NaN",
    b"-Infinity",
    b"2147483648",
    b"9223372036854775808",
    b"1" + b"0" * 30,
    b"9" * 5000,
    "２".encode(),
    "²".encode(),
    "٣".encode(),
    b"1_0",
    b"99999999",  # an id nobody has
)
TIMES: tuple[bytes, ...] = (
    b"0001-01-01",
    b"0001-01-01T00:00",
    b"9999-12-31",
    b"9999-12-31T23:59",
    b"9999-12-31T23:59:59-12:00",
    b"2026-02-30",
    b"2026-11-29T25:61",
    b"0000-00-00",
    b"25:99",
    b"2026-W60",
)
OTHERS: tuple[bytes, ...] = (
    b"true",
    b"on",
    b"null",
    b"[]",
    b'{"a":1}',
    b"None",
    b",,,",
    b"1,2,3",
    b"\xe3\x80\x80",
)
ALL = (*TEXTS, *NUMBERS, *TIMES, *OTHERS)

FILES: tuple[tuple[str, bytes], ...] = (
    ("空.csv", b""),
    ("a.xlsx", b"PK\x03\x04 no zip"),
    ("a.csv", b"\x00\xff\xfe"),
    ("a.csv", "姓名,手机\n".encode() + b'"' * 999),
    ("a.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ('../../a\r\nb";.html', b"<script>alert(1)</script>"),
    ("名" * 300 + ".csv", "姓名\n甲".encode()),
    ("", b"x"),
)

# Never left to chance: one database takes it, the other refuses to be asked.
NUL = "%00"
# Parts of an address in place of a number, a code, an id.
IN_PATHS = (
    "0",
    "99999999",
    "1" + "0" * 30,
    "-1",
    NUL,
    "a%00b",
    "%FF",
    "%ED%A0%80",
    "x" * 2000,
    "%2e%2e%2f",
    "²",
    "')",
)


def some(random: Random, count: int) -> list[bytes]:
    """`count` values, of every kind at least once when there are as many as kinds."""
    if count >= len(ALL):
        return list(ALL)
    kinds = [TEXTS, NUMBERS, TIMES, OTHERS]
    random.shuffle(kinds)
    return [random.choice(kinds[n % len(kinds)]) for n in range(count)]
