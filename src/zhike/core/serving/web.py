"""The web child: granian with our front. `python -m zhike.core.serving.web HOST PORT WORKERS TARGET`"""

import os
import sys

from zhike.core.logs.configure import log_settings
from zhike.core.serving import lifeline


def main(host: str, port: int, workers: int, target: str) -> None:
    lifeline.hold_to_starter()
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        target,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        # Browsers speak HTTP/2 only over TLS, which a proxy in front ends.
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        backlog=1024,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        # Our streams end by themselves on SIGTERM; this is for a view that hangs. It must stay below the
        # eight seconds after which the supervisor kills.
        workers_kill_timeout=int(os.environ.get("ZHIKE_GRANIAN_KILL_SECONDS", "2")),
        log_level=LogLevels(os.environ.get("ZHIKE_GRANIAN_LOG", "warning")),
        log_dictconfig=log_settings(small=True),
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
