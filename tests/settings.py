"""The program's settings for tests: a data folder of their own, nothing of the user's environment."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Tests run on SQLite unless this names a PostgreSQL server; ZHIKE_DATABASE_URL is never listened to,
# so that a shell set up for a real installation cannot point the tests at it.
_database = os.environ.get("ZHIKE_TEST_DATABASE_URL", "")
for _name in [name for name in os.environ if name.startswith("ZHIKE_")]:
    if not _name.startswith(("ZHIKE_TEST_", "ZHIKE_REWRITE_", "ZHIKE_PROOF")):
        del os.environ[_name]
if _database:
    os.environ["ZHIKE_DATABASE_URL"] = _database

# Under xdist the first process makes the folder, each worker takes a subfolder, the first cleans up.
_folder = os.environ.get("ZHIKE_TEST_FOLDER")
if _folder is None:
    _folder = tempfile.mkdtemp(prefix="zhike-test-")
    os.environ["ZHIKE_TEST_FOLDER"] = _folder
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_data = Path(_folder, os.environ.get("PYTEST_XDIST_WORKER", "main"))
_data.mkdir(exist_ok=True)
os.environ["ZHIKE_DATA"] = str(_data)

from zhike.config.settings import *  # noqa: E402, F403

# The real hasher takes 0.2 s on purpose; tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A test reads what it has just written; the one about keeping sets it.
WEEK_KEPT_SECONDS = 0
