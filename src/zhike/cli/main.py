"""The table of subcommands. A new one is a function in a module of its own and a line here."""

import typer

from zhike.cli.analyze.commands import app as analyze
from zhike.cli.audit import app as audit
from zhike.cli.backup import backup
from zhike.cli.calendars import app as calendars
from zhike.cli.doctor import doctor
from zhike.cli.importing import export_file, import_file
from zhike.cli.keys import app as keys
from zhike.cli.migrate import migrate
from zhike.cli.restore import restore
from zhike.cli.searching import search
from zhike.cli.serve import serve
from zhike.cli.texts import gettext as _
from zhike.cli.tokens import app as tokens
from zhike.cli.unlocking import unlock
from zhike.cli.version import version
from zhike.cli.web import web
from zhike.cli.worker import worker

app = typer.Typer(
    name="zhike",
    help=_("Zhike: customer service on your own machine."),
    no_args_is_help=True,
    add_completion=False,
    # A traceback is for the log; the terminal gets a sentence.
    pretty_exceptions_enable=False,
)

app.command(help=_("Start pages, live updates and jobs on one port."))(serve)
app.command(help=_("Serve pages and live updates only, one of several processes."))(web)
app.command(help=_("Run background jobs only, beside a server elsewhere."))(worker)
app.command(help=_("Bring the database up to this version."))(migrate)
app.command(help=_("Save everything into one file, the keys into a second."))(backup)
app.command(help=_("Bring a backup back into an empty place."))(restore)
app.command(help=_("Check this installation and say what to mend."))(doctor)
app.command(help=_("Find a word in customers, cases, messages and feedback."))(search)
app.command("import", help=_("Import customers, cases or feedback from a file."))(import_file)
app.command("export", help=_("Write customers, cases or feedback to a file."))(export_file)
app.command(help=_("Let somebody sign in again who is locked out."))(unlock)
app.add_typer(analyze, name="analyze")
app.add_typer(tokens, name="token")
app.add_typer(audit, name="audit")
app.add_typer(keys, name="keys")
app.add_typer(calendars, name="calendar")
app.command(help=_("Show the version and the data folder."))(version)

if __name__ == "__main__":
    app()
