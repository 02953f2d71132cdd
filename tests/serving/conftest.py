import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.trees import Database, Tree, make_assets, prepare


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    made = Database(os.environ.get("ZHIKE_DATABASE_URL", ""))
    yield made
    made.drop_all()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tree]:
    """A prepared data folder and database to copy; nothing ever runs on it."""
    folder = tmp_path_factory.mktemp("template")
    make_assets(folder)
    made = Tree(folder, database.new())
    prepare(made)
    yield made
    shutil.rmtree(folder, ignore_errors=True)


def _copy(template: Tree, folder: Path, database: Database) -> Tree:
    # Times are kept: they tell that the assets are collected already.
    shutil.copytree(template.data, folder / "data")
    return Tree(folder, database.new(copy_of=template.database_url))


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, template: Tree, database: Database
) -> Iterator[Tree]:
    """One running tree for all tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("site")
    tree = _copy(template, folder, database).start()
    yield tree
    tree.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def prepared_tree(tmp_path: Path, template: Tree, database: Database) -> Iterator[Tree]:
    """A tree of one's own, not started yet, to be killed and started at will."""
    made = _copy(template, tmp_path, database)
    yield made
    made.stop()
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def new_tree(tmp_path: Path, database: Database) -> Iterator[Tree]:
    """A tree whose first start is still to come."""
    make_assets(tmp_path)
    made = Tree(tmp_path, database.new())
    yield made
    made.stop()
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture(scope="session")
def cookie(site: Tree) -> str:
    return site.sign_in()
