"""What this version finds in a house that came from an earlier one; a process on that house's data folder.

The release's digests come in on standard input; what is found goes out as JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

PAGES = Path(__file__).resolve().parents[1] / "browser" / "pages.json"
# Of the cast the earlier version made its company with.
STAFF = {"administrator": "0001", "supervisor": "1002", "agent": "1001"}


def answers() -> dict[str, int]:
    """Every page whose address needs nothing found first, as somebody of the role it is for."""
    from django.test import Client

    from zhike.accounts.models import User
    from zhike.desk.models import Case

    found = {}
    listed = [page for page in json.loads(PAGES.read_text("utf-8"))["pages"] if "path" in page]
    cases = [f"/cases/{number}/" for number in Case.objects.values_list("number", flat=True)]
    pages = [(page["as"], page["path"]) for page in listed] + [("agent", path) for path in cases]
    for role, number in STAFF.items():
        # As the front stands before it: by its own name.
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(User.objects.get(staff_number=number))
        for wanted, path in pages:
            if wanted == role:
                found[path] = client.get(path).status_code
    return found


def look(release: dict[str, Any]) -> dict[str, Any]:
    from tests.upgrade.columns import digests
    from zhike.core import audit_chain

    now = digests({table: told["rows"] for table, told in release.items()})
    while audit_chain.lengthen_by_stragglers():
        pass
    verdict = audit_chain.verify()
    return {
        "now": now,
        "chain": str(verdict.fault or ""),
        "sealed": verdict.rows,
        "pages": answers(),
    }


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(json.dumps(look(json.load(sys.stdin))))
