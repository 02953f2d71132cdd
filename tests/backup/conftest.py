"""A house with something in it, its backup, and empty places to restore into."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from tests.cast import Cast, make_cast
from tests.desk.conftest import _planted  # noqa: F401
from tests.server import clean_environment, zhike_command
from tests.transactions import real_transactions  # noqa: F401
from zhike.core import audit_chain
from zhike.core.backup.saving import Saved, save
from zhike.core.database import database_settings
from zhike.core.files import store_file
from zhike.desk import services

ROOT = Path(__file__).resolve().parents[2]
# Larger than what the tests of a full disk leave.
LARGE = 400_000


@dataclass
class Place:
    """An empty data folder, and on PostgreSQL an empty database with it."""

    folder: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        named = {"ZHIKE_DATABASE_URL": self.url} if self.url else {}
        steady = {"LC_ALL": "C.UTF-8", "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
        return {**clean_environment(self.folder), **steady, **named}

    @property
    def database(self) -> dict[str, Any]:
        return database_settings(self.url, self.folder)

    def command(self, *arguments: str | Path) -> list[str]:
        return [zhike_command(), *map(str, arguments)]

    def zhike(self, *arguments: str | Path, **options: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            cwd=self.folder.parent,
            capture_output=True,
            text=True,
            timeout=120,
            **options,
        )

    def inspected(self) -> dict[str, Any]:
        """What the program itself finds there."""
        environment = {**self.environment, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", "tests.backup.inspection"],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def is_untouched(self) -> bool:
        return not self.folder.exists() and not tables_of(self.url)


def tables_of(url: str) -> list[str]:
    if not url:
        return []
    with psycopg.connect(url) as reader:
        return [
            name
            for (name,) in reader.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
        ]


def _url_of(name: str) -> str:
    told = connection.settings_dict
    password = f":{quote(told['PASSWORD'])}" if told["PASSWORD"] else ""
    return f"postgresql://{told['USER']}{password}@{told['HOST']}:{told['PORT']}/{name}"


@pytest.fixture
def new_place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[], Place]]:
    made: list[str] = []
    request.getfixturevalue("db")

    def make() -> Place:
        name = f"zhike_restore_{secrets.token_hex(4)}"
        place = Place(tmp_path / name)
        if connection.vendor == "postgresql":
            with psycopg.connect(_url_of("postgres"), autocommit=True) as server:
                server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            made.append(name)
            place.url = _url_of(name)
        return place

    yield make
    for name in made:
        with psycopg.connect(_url_of("postgres"), autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def empty_place(new_place: Callable[[], Place]) -> Place:
    return new_place()


@pytest.fixture
def town(real_transactions: None, _planted: None) -> Cast:  # noqa: F811
    return make_cast()


@pytest.fixture
def house(town: Cast) -> Cast:
    """Cases with a record, a small and a large file, an audit log that is sealed."""
    for number in range(3):
        case = services.open_case(
            **town.lin.acting,
            new=services.NewCase(
                type_code="complaint",
                channel="phone",
                text=f"爬坡时断电，第 {number} 次",
                customer_id=town.chen.pk,
            ),
        ).case
        services.reply(
            **town.lin.acting, case_id=case.pk, text="明天上午给您回电。", expected_seq=None
        )
    store_file(SimpleUploadedFile("收据.txt", "换控制器 320 元".encode()))
    store_file(SimpleUploadedFile("照片.png", b"\x89PNG\r\n\x1a\n" + os.urandom(LARGE)))
    audit_chain.lengthen()
    return town


@pytest.fixture
def saved(house: Cast, tmp_path: Path) -> Saved:
    folder = tmp_path / "kept"
    folder.mkdir()
    return save(folder / "night.zip", folder / "night.keys")


def stored_files() -> dict[str, int]:
    """The digests in the tests' own folder."""
    found = Path(settings.DATA, "files").glob("??/*")
    return {path.name: path.stat().st_size for path in found}
