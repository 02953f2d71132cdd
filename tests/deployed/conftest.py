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
from tests.serving.trees import Database, wait_until


@dataclass
class Stage:
    site: Deployment
    database_url: str
    scene: dict[str, Any]

    def program(self, name: str) -> Program:
        return Program(self.site, self.scene["tokens"][name])


@pytest.fixture(scope="session")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a database the program has brought up to date, for each stage to begin with a copy of."""
    with postgres.own_server() as url:
        deployment(tmp_path_factory.mktemp("empty"), url).migrate()
        yield url


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, empty_house: str) -> Iterator[Stage]:
    """A deployment with its people, up and answering."""
    folder = tmp_path_factory.mktemp("deployed")
    databases = Database(f"{empty_house.rsplit('/', 1)[0]}/template1")
    url = databases.new(copy_of=empty_house)
    site = deployment(folder, url)
    try:
        site.start()
        scene = json.loads(site.run(sys.executable, "-m", "tests.deployed.scene"))
        for service in site.web:
            wait_until(partial(site.answers, service), f"{service} to answer", 90)
        yield Stage(site, url, scene)
    finally:
        site.stop()
        databases.drop_all()
