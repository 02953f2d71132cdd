import http.client
import json
import os
from datetime import timedelta
from typing import Any

from django.apps import AppConfig

CALL_SECONDS = 3.0
# The courier's receiver remembers keys; the pigeon's does not.
KEYED, PLAIN = "courier", "pigeon"


def deliver(message: Any) -> Any:
    from zhike.core.outbox import Away, Sent, Uncertain

    port = int(os.environ["KILLSITE_RECEIVER"])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=message.timeout_seconds)
    body = {"kind": message.kind, "key": message.dedup_key, "text": message.text}
    try:
        connection.connect()
    except OSError:
        return Away("refused")
    try:
        connection.request("POST", "/deliver", json.dumps(body))
        answer = connection.getresponse()
        receipt = json.loads(answer.read())["receipt"]
    except (OSError, http.client.HTTPException, ValueError):
        return Uncertain("broken off")
    finally:
        connection.close()
    return Sent(receipt)


class KillSiteConfig(AppConfig):
    name = "killsite"

    def ready(self) -> None:
        from zhike.core import sealing
        from zhike.core.outbox import CARRIERS, Carrier
        from zhike.desk.slots import ADAPTERS, DeliveryAdapter

        def address(case: Any) -> str | None:
            return sealing.seal(case.customer.key_id, "loft") if case.customer else None

        for kind, kept in ((KEYED, timedelta(days=1)), (PLAIN, timedelta(0))):
            CARRIERS.fill(Carrier(kind, kind, deliver, key_kept=kept, timeout_seconds=CALL_SECONDS))
            ADAPTERS.fill(DeliveryAdapter(kind, kind, address))
