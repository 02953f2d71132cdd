import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

import postgres
from tests.deployed.journey import Program
from tests.deployed.services import Deployment, deployment
from tests.serving.trees import wait_until


@dataclass
class Stage:
    site: Deployment
    database_url: str
    scene: dict[str, Any]

    def program(self, name: str) -> Program:
        return Program(self.site, self.scene["tokens"][name])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A deployment with its people, up and answering."""
    folder = tmp_path_factory.mktemp("deployed")
    with postgres.own_server() as url:
        site = deployment(folder, url)
        try:
            site.start()
            scene = json.loads(site.run(sys.executable, "-m", "tests.deployed.scene"))
            for service in site.web:
                wait_until(partial(site.answers, service), f"{service} to answer", 90)
            yield Stage(site, url, scene)
        finally:
            site.stop()
