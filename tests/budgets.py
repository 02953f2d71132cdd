"""How many SQL statements a page may cost: kept as data, rewritten on purpose.

Counted by Django's execute wrapper, with session, user and rights, without transaction statements.
`ZHIKE_REWRITE_BUDGETS=1 pytest …` writes the figures of this run; the diff is then reviewed.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

FILE = Path(__file__).with_name("query_budgets.json")
NOT_COUNTED = re.compile(r"^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|SET\s)", re.I)


class Budget:
    """Call it with a page's name: `with query_budget("desk:queue"): client.get(…)`."""

    def __init__(self, file: Path = FILE) -> None:
        self.file = file

    @contextmanager
    def __call__(self, name: str) -> Iterator[list[str]]:
        statements: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if not NOT_COUNTED.match(sql):
                statements.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            yield statements
        if os.environ.get("ZHIKE_REWRITE_BUDGETS") == "1":
            self._rewrite(name, len(statements))
        else:
            self._compare(name, statements)

    def _compare(self, name: str, statements: list[str]) -> None:
        allowed = json.loads(self.file.read_text()).get(name)
        hint = "If that is meant: ZHIKE_REWRITE_BUDGETS=1."
        if allowed is None:
            raise AssertionError(
                f"{name} has no query budget; this run took {len(statements)}. {hint}"
            )
        if len(statements) > allowed:
            listed = "\n".join(f"  {i:2} {sql[:160]}" for i, sql in enumerate(statements, 1))
            raise AssertionError(
                f"{name} took {len(statements)} statements, its budget is {allowed}. {hint}\n{listed}"
            )

    def _rewrite(self, name: str, count: int) -> None:
        with self.file.open("r+") as stream:
            # Several workers may rewrite at once.
            fcntl.flock(stream, fcntl.LOCK_EX)
            budgets = json.load(stream)
            # PostgreSQL may need a statement more for the same page; the budget covers both.
            budgets[name] = (
                max(count, budgets.get(name, 0)) if connection.vendor != "sqlite" else count
            )
            stream.seek(0)
            stream.truncate()
            json.dump(dict(sorted(budgets.items())), stream, indent=1, ensure_ascii=False)
            stream.write("\n")
