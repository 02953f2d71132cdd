"""What every test has: guards, the clock, query budgets, a browser and the real server."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck, settings

from tests import migrated
from tests.budgets import Budget
from tests.cast import cast_fixture  # noqa: F401 — the fixture `cast`
from tests.guards import WriteGuard, given, refuse_network
from tests.server import RunningServer, attach, start_server

refuse_network()
# How long an example takes to make or to try says nothing on a busy machine.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.sharing import scheduler

    return scheduler(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Thousands of tests come into being and none goes: the garbage collector would look in vain."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        _leave_to_stay()


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """On SQLite the file lies there already, a copy; it goes with the folder of the run."""
    return django_db_keepdb or connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The tests' database begins as a copy of one that was brought up to date."""
    told = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        shutil.copy(migrated.sqlite_file(), told["NAME"])
    else:
        told["TEMPLATE"] = migrated.postgres_template(os.environ["ZHIKE_DATABASE_URL"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """The tests' database, as pytest-django makes it."""
    _leave_to_stay()


def _leave_to_stay() -> None:
    """Modules, models and collected tests stay to the end: the garbage collector need not look at them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _contexts() -> Iterator[None]:
    """`client.get(…).context`, which Django gives for its own templates alone."""
    from django.template.backends.jinja2 import Template
    from django.test.signals import template_rendered

    plain = Template.render

    def render(self: Any, context: Any = None, request: Any = None) -> Any:
        context = {} if context is None else context
        done = plain(self, context, request)
        template_rendered.send(sender=self, template=self, context=context)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", render)
        yield


@pytest.fixture(autouse=True)
def _nothing_kept_of_earlier_tests() -> None:
    """On SQLite a calendar or a questionnaire that was rolled back leaves its id to the next test's; a request
    leaves the language it was answered in."""
    from zhike.core.calendar.plans import forget_schedules
    from zhike.surveys.services.answers import definition_of

    forget_schedules()
    definition_of.cache_clear()
    translation.deactivate()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    """During the test itself (not its fixtures) every business write belongs to a unit of work."""
    guard = WriteGuard()
    with guard.watching():
        result = yield
    if guard.seen:
        # Raised where it happened, but something in between caught it.
        pytest.fail("Written outside core.work.unit(...): " + "; ".join(guard.seen))
    return result


@pytest.fixture(name="given")
def given_fixture() -> Callable[[], AbstractContextManager[None]]:
    """`with given():` sets the scene: rows written inside need no unit of work."""
    return given


@pytest.fixture
def frozen_clock() -> Iterator[Callable[[datetime], None]]:
    """`frozen_clock(moment)` stops the program's clock there until the test ends or sets it anew."""
    from zhike.core import clock

    with ExitStack() as stack:

        def freeze(moment: datetime) -> None:
            stack.enter_context(clock.override(moment))

        yield freeze


@pytest.fixture
def query_budget() -> Budget:
    return Budget()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Browser tests need Chromium: sudo apt install chromium fonts-noto-cjk")
    return {
        "executable_path": chromium,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            # The pages must do without any other host, so the browser cannot find one.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1440, "height": 900},
    }


@pytest.fixture(scope="session")
def zhike_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The real front with the demo company, in its own processes and data folder, once per session.

    ZHIKE_TEST_SERVER names one that runs already: quicker while writing a browser test.
    """
    running = os.environ.get("ZHIKE_TEST_SERVER")
    if running:
        yield attach(running)
        return
    folder = tmp_path_factory.mktemp("served")
    migrated.put_into(folder / "data")
    server = start_server(folder, demo=True)
    try:
        yield server
    finally:
        server.stop()
