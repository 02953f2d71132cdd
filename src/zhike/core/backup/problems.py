"""Why a backup or a restore was refused; the command line says it in the reader's language."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum


class Why(StrEnum):
    FILE_EXISTS = "file_exists"
    FILE_UNREADABLE = "file_unreadable"
    NO_SPACE = "no_space"
    CANNOT_WRITE = "cannot_write"
    NOT_A_BACKUP = "not_a_backup"
    DAMAGED = "damaged"
    NEWER = "newer"
    OTHER_DATABASE = "other_database"
    KEYS_DIFFER = "keys_differ"
    KEYS_MISSING = "keys_missing"
    KEYS_UNREADABLE = "keys_unreadable"
    WRONG_KEYS = "wrong_keys"
    FOLDER_NOT_EMPTY = "folder_not_empty"
    FOLDER_IN_USE = "folder_in_use"
    DATABASE_NOT_EMPTY = "database_not_empty"
    DATABASE_FAILED = "database_failed"
    TOOLS_MISSING = "tools_missing"
    TOOLS_OLD = "tools_old"


class BackupProblem(Exception):
    """Nothing was kept of what was begun. `about` is the file, folder, version or message it concerns."""

    def __init__(self, why: Why, about: object = "") -> None:
        super().__init__(why, about)
        self.why = why
        self.about = str(about)


@contextmanager
def disk_problems(place: object) -> Iterator[None]:
    """A full or refusing disk becomes a problem with a name."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise BackupProblem(Why.NO_SPACE, place) from error
        raise BackupProblem(Why.CANNOT_WRITE, error.strerror or error) from error
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise BackupProblem(Why.NO_SPACE, place) from error
        raise BackupProblem(Why.DATABASE_FAILED, error) from error
    except sqlite3.DatabaseError as error:
        raise BackupProblem(Why.DATABASE_FAILED, error) from error
