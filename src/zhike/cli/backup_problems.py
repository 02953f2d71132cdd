"""What went wrong with a backup or a restore, as a sentence that says what to do."""

from zhike import __version__
from zhike.cli.texts import gettext as _
from zhike.core.backup.problems import BackupProblem, Why


def sentence_of(problem: BackupProblem) -> str:
    return _sentences()[problem.why].format(about=problem.about, version=__version__)


def _sentences() -> dict[Why, str]:
    return {
        Why.FILE_EXISTS: _("{about} is there already and is not overwritten. Name another file."),
        Why.FILE_UNREADABLE: _("There is no file {about}."),
        Why.NO_SPACE: _("There is not enough room on the disk for {about}. Nothing was kept."),
        Why.CANNOT_WRITE: _("It cannot be written: {about}. Nothing was kept."),
        Why.NOT_A_BACKUP: _("{about} was not written by `zhike backup`."),
        Why.DAMAGED: _(
            "{about} is damaged: it is not as `zhike backup` wrote it. Nothing was written. "
            "Take another copy or an older backup."
        ),
        Why.NEWER: _(
            "The backup comes from a newer version, {about}; this is {version}. "
            "Install that version first."
        ),
        Why.OTHER_DATABASE: _(
            "The backup was made on the other database, {about}. It goes back only onto the same "
            "kind: set ZHIKE_DATABASE_URL for PostgreSQL, leave it out for SQLite."
        ),
        Why.KEYS_DIFFER: _(
            "{about} holds other keys and is not overwritten. Name another file with --keys."
        ),
        Why.KEYS_MISSING: _(
            "There is no file of keys at {about}. Name it with --keys; without it "
            "the personal data in the backup cannot be read."
        ),
        Why.KEYS_UNREADABLE: _("The keys in {about} cannot be read."),
        Why.WRONG_KEYS: _(
            "The keys in {about} do not belong to this backup. Nothing was written. "
            "Name the right file with --keys."
        ),
        Why.FOLDER_NOT_EMPTY: _(
            "The data folder {about} is not empty. Name an empty or a new one with --data."
        ),
        Why.FOLDER_IN_USE: _("The data folder {about} is in use. Stop the program there first."),
        Why.DATABASE_NOT_EMPTY: _(
            "The database {about} is not empty. Make a new one and name it in ZHIKE_DATABASE_URL."
        ),
        Why.DATABASE_FAILED: _("The database refused: {about}. Nothing was kept."),
        Why.TOOLS_MISSING: _(
            "PostgreSQL's own tools make and read the dump. Install them: sudo apt install {about}"
        ),
        Why.TOOLS_OLD: _(
            "PostgreSQL's tools on this machine are older than the server. "
            "Install: sudo apt install {about}"
        ),
    }
