"""The figures of a worker, which has no pages: on a port of this machine, when one was named."""

import logging
import os
import signal

from prometheus_client import start_http_server

from zhike.core.metrics.counted import COUNTED
from zhike.core.metrics.place import PORT_VARIABLE

log = logging.getLogger("zhike.jobs")


def tell_figures() -> None:
    port = os.environ.get(PORT_VARIABLE, "")
    if not port:
        return
    # The thread that answers inherits this: signals are the worker's to fetch.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    try:
        start_http_server(int(port), addr="127.0.0.1", registry=COUNTED)
    except OSError as error:
        # Jobs are more than figures.
        log.error("no figures can be told on port %s: %s", port, error.strerror)
