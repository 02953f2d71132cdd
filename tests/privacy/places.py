"""Every place a number, an exact address or what was said about a person can end up, and what it is there.

`COLUMNS` names each text column of each table once; `ELSEWHERE` the places that are no column, each with the
test that looks there. docs/personal-data.md is written from this; a test compares both, and refuses a column
without a line.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps
from django.db import models

TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)


class Held(StrEnum):
    """What of a person can be read in a place."""

    # Ciphertext under the person's (or the import's, the export's) key; erasure destroys the key.
    SEALED = "sealed"
    # A keyed digest, or blind tokens and last four digits: compared, not read.
    DIGEST = "digest"
    MASKED = "masked"
    # In clear, as words have to be; erasure blanks it.
    BLANKED = "blanked"
    # In clear and kept, with the reason.
    EXCLUDED = "excluded"
    # A code, a number, a moment, our own people's names, words of the house.
    NOBODY = "nobody"


@dataclass(frozen=True)
class Table:
    """The text columns of one table by what they hold; `why` goes with what is excluded."""

    sealed: str = ""
    digest: str = ""
    masked: str = ""
    blanked: str = ""
    excluded: str = ""
    nobody: str = ""
    why: str = ""

    def by_column(self) -> dict[str, Held]:
        return {name: held for held in Held for name in getattr(self, held.value).split()}


COLUMNS: dict[str, Table] = {
    "auth.Permission": Table(nobody="name codename"),
    "auth.Group": Table(nobody="name"),
    "contenttypes.ContentType": Table(nobody="app_label model"),
    "sessions.Session": Table(nobody="session_key session_data"),
    "django_tasks_database.DBTaskResult": Table(
        masked="traceback",
        nobody="args_kwargs task_path worker_ids queue_name backend_name return_value"
        " exception_class_path",
    ),
    "core.RetentionPolicy": Table(nobody="key changed_by_name"),
    "core.RetentionRun": Table(nobody="key digest"),
    "core.AuditRow": Table(
        sealed="payload",
        excluded="reason ip",
        nobody="actor_name actor_kind via action object_type",
        why="The reason of an act about a person is sealed with the rest; elsewhere it is about the house. The"
        " address"
        " a call came from is what the law asks to be kept.",
    ),
    "core.AuditSeal": Table(nobody="previous digest"),
    "core.AuditCheck": Table(nobody="head fault"),
    "core.WorkCalendar": Table(nobody="name zone"),
    "core.CalendarDate": Table(nobody="label source"),
    "core.CalendarYear": Table(nobody="source"),
    "core.DuePlan": Table(nobody="name subject tier channel source"),
    "core.DueRecount": Table(nobody="plan_name kind scopes made_by_name"),
    "core.CountRow": Table(nobody="metric state kind"),
    "core.PersonKey": Table(sealed="wrapped"),
    "core.ExportRun": Table(
        blanked="reason query", nobody="number kind actor_name via file_format digest"
    ),
    "core.StoredFile": Table(nobody="digest content_type"),
    "core.ImportRun": Table(
        sealed="sample",
        blanked="file_name failure kept",
        excluded="headers constants notes sheet sheets",
        nobody="kind mapping actor_name via",
        why="The headings of a file's columns, and values given for every row, are about no single person.",
    ),
    "core.ImportIssue": Table(sealed="detail", nobody="field reason suggestion"),
    "core.ImportFix": Table(sealed="value"),
    "core.ImportedRow": Table(sealed="before after"),
    "core.ImportIdentity": Table(blanked="identity", nobody="kind"),
    "core.MappingMemory": Table(nobody="kind signature mapping constants"),
    "core.WorkerBeat": Table(nobody="worker_id"),
    "core.PeriodicRun": Table(nobody="name", masked="last_error"),
    "core.JobProgress": Table(nobody="title note"),
    "core.LiveTopic": Table(nobody="name"),
    "core.LiveEvent": Table(nobody="topic kind payload"),
    "core.Notification": Table(blanked="values", nobody="kind url"),
    "core.NumberSeries": Table(nobody="name"),
    "core.OutboxMessage": Table(
        sealed="address",
        blanked="text answer receipt",
        nobody="kind subject_type dedup_key conversation claim",
    ),
    "core.OutboxAttempt": Table(blanked="words", nobody="claim result"),
    "core.OutboxPace": Table(nobody="kind"),
    "core.Stamp": Table(nobody="value"),
    "desk.EscalationLevel": Table(nobody="receivers"),
    "core.DatesImport": Table(nobody="file_name source dates faults sent_by_name"),
    "accounts.Unit": Table(nobody="name path"),
    "accounts.User": Table(
        nobody="password staff_number name email title extension language preferences"
    ),
    "accounts.UsedPassword": Table(nobody="password"),
    "accounts.Role": Table(nobody="code name permissions levels"),
    "accounts.SecondFactor": Table(sealed="secret"),
    "accounts.RecoveryCode": Table(digest="digest"),
    "accounts.Session": Table(
        nobody="session_key device address",
        excluded="session_data",
        why="A message of at most one page, such as “File opened”, until that page has shown it; a day at"
        " most.",
    ),
    "accounts.SignInRules": Table(nobody="second_factor_roles"),
    "accounts.Attempt": Table(nobody="what"),
    "accounts.SingleSignOn": Table(nobody="label issuer client_id secret claim"),
    "accounts.OutsideIdentity": Table(nobody="issuer subject told"),
    "accounts.ApiToken": Table(nobody="label digest head scopes"),
    "customers.Region": Table(nobody="name full_name path"),
    "customers.Customer": Table(
        digest="contact_words",
        masked="phone_mask",
        blanked="folded bigrams name name_key salutation organisation_role organisation_name"
        " household_note occupation remark custom tags_text habits_text external_id",
        nobody="region_name",
    ),
    "customers.ConsentPurpose": Table(nobody="code label note"),
    "customers.NoticeText": Table(nobody="text author_name"),
    "customers.Consent": Table(sealed="proof_sealed", nobody="author_name via"),
    "customers.Outreach": Table(nobody="channel author_name origin"),
    "customers.CustomFieldDefinition": Table(nobody="code label help choices"),
    "customers.CustomFieldValue": Table(blanked="text"),
    "customers.Erasure": Table(nobody="token files keys reason actor_name place counts"),
    "customers.Preference": Table(blanked="topic value source", nobody="author_name"),
    "customers.Need": Table(blanked="text outcome", nobody="author_name closed_by_name"),
    "customers.ChangeRow": Table(blanked="before after reason author_name", nobody="field via"),
    "customers.CustomerStageChange": Table(blanked="reason", nobody="author_name"),
    "customers.TimelineEntry": Table(blanked="title", nobody="kind room object_type actor_name"),
    "customers.Identity": Table(
        sealed="value_sealed",
        digest="value_blind word last4 head",
        masked="masked",
        blanked="label added_by_name",
    ),
    "customers.Address": Table(sealed="text_sealed", blanked="label added_by_name"),
    "customers.MergeJournal": Table(
        sealed="values_sealed", blanked="reason", nobody="author_name undone_by_name"
    ),
    "customers.MergeStep": Table(nobody="model field before after ids"),
    "customers.LoyaltyPriority": Table(),
    "customers.Segment": Table(
        excluded="name about needs strategy motives",
        nobody="filter motives_from made_by_name problem",
        why="What a company says of groups of customers; the form asks not to name any of them.",
    ),
    "customers.SegmentDay": Table(),
    "customers.SegmentMember": Table(),
    "customers.Tag": Table(
        excluded="name", why="The company's own list of words for customers, shared by all of them."
    ),
    "privacy.DataRequest": Table(
        sealed="wish_sealed answer_sealed",
        nobody="number taken_by_name due_explanation identity_by_name ended_by_name",
    ),
    "privacy.LegalHold": Table(
        excluded="reason",
        nobody="case_number made_by_name ended_by_name",
        why="why a dispute keeps the data; while a hold stands its customer cannot be erased",
    ),
    "privacy.RequestStep": Table(sealed="note_sealed", nobody="actor_name data"),
    "desk.CaseType": Table(nobody="code name prefix"),
    "desk.Case": Table(
        digest="tracking_hash query_code_hash submit_key",
        blanked="folded bigrams title last_text close_reason customer_name external_id",
        nobody="number clocks started own_time legal told pauses customer_tier owner_name",
    ),
    "desk.CaseEvent": Table(
        blanked="folded bigrams actor_name text data", nobody="actor_kind submit_key"
    ),
    "desk.Attachment": Table(blanked="name", nobody="content_type"),
    "desk.LegalClock": Table(
        blanked="reference reason", nobody="authority started_by_name ended_by_name source"
    ),
    "desk.CaseLink": Table(nobody="made_by_name"),
    "desk.Draft": Table(blanked="text"),
    "desk.Attempt": Table(digest="key"),
    "reference.ReferenceValue": Table(nobody="code measure unit base said_by source note"),
    "desk.Phrase": Table(nobody="pattern family why better exceptions"),
    "webform.Attempt": Table(digest="key"),
    "complaints.Cause": Table(nobody="code name path"),
    "complaints.Complaint": Table(blanked="wish learned way_out_why"),
    "complaints.StepRecord": Table(blanked="evidence skip_reason", nobody="done_by_name"),
    "complaints.Notice": Table(
        blanked="folded bigrams text cause_text action check_note close_reason",
        nobody="number person_name sent_by_name due_explanation answered_by_name responsible"
        " checked_by_name submit_key",
    ),
    "complaints.Remedy": Table(
        blanked="text proof end_reason",
        nobody="proposed_by_name carried_out_by_name submit_key",
    ),
    "complaints.Approval": Table(blanked="why note", nobody="asked_by_name decided_by_name"),
    "satisfaction.ContactCase": Table(nobody="opened_by_name"),
    "satisfaction.IndicatorSystem": Table(
        nobody="title structure left_out by_hand path_model made_by_name"
    ),
    "satisfaction.Improvement": Table(
        nobody="part item_title what responsible_name result made_by_name ended_by_name submit_key"
    ),
    "satisfaction.OutsideIndex": Table(nobody="name base origin made_by_name"),
    "satisfaction.Judging": Table(nobody="judge_name judgements"),
    "satisfaction.IndexRun": Table(
        nobody="asked_by_name structure by_hand basis scope people link_name method result digest problem people"
    ),
    "satisfaction.AskRule": Table(
        nobody="name case_types channels question options opens_type made_by_name submit_key"
    ),
    "satisfaction.Ask": Table(nobody="asked_by_name"),
    "satisfaction.Delivery": Table(
        blanked="reference what submit_key",
        nobody="source told_by_name withdrawn_by_name",
    ),
    "surveys.Survey": Table(nobody="title draft origin submit_key made_by_name"),
    "surveys.SurveyVersion": Table(nobody="definition made_by_name"),
    "surveys.Link": Table(nobody="token name submit_key made_by_name"),
    "surveys.Response": Table(
        blanked="answers counted_answers",
        nobody="ref language counted_state",
    ),
    "surveys.AnswerFile": Table(nobody="question token content_type"),
    "surveys.AnswerContact": Table(
        sealed="name_sealed phone_sealed email_sealed",
        digest="phone_blind email_blind",
        masked="phone_mask email_mask",
    ),
    "surveys.Sending": Table(
        nobody="channel filter subject text submit_key made_by_name",
    ),
    "surveys.Invitation": Table(nobody="occasion refusal"),
    "surveys.QuotaPlace": Table(nobody="question value"),
    "surveys.Tally": Table(nobody="part value"),
    "care.ScriptVersion": Table(nobody="opening made_by_name"),
    "care.Question": Table(nobody="text"),
    "care.FollowUp": Table(
        blanked="customer_name best_time to_check words missing answers call_off_reason",
        nobody="type_code customer_tier assigned_name due_explanation owed done_by_name",
    ),
    "care.FollowUpAttempt": Table(blanked="note", nobody="by_name"),
    "listening.Feedback": Table(
        blanked="folded bigrams text external_id",
        excluded="source",
        why="Where feedback came from, such as a shop's name; not by whom.",
    ),
    "insight.SettledFigure": Table(nobody="key parts row_ids digest"),
    "insight.WeekReport": Table(nobody="finalised_by_name content"),
    "insight.WeekFigure": Table(nobody="key parts row_ids digest"),
    "insight.WeekMeasure": Table(
        nobody="who added_by_name answered_by_name submit_key",
        excluded="what note",
        why="What a meeting decided for the house; it is about a department, not about a customer.",
    ),
    "insight.Subscription": Table(nobody="report"),
    "insight.WeeklyMail": Table(nobody="said"),
    "web.ListPreference": Table(nobody="list_name shown hidden"),
    "web.SavedView": Table(blanked="title query", nobody="list_name"),
}


@dataclass(frozen=True)
class Elsewhere:
    """A place that is no column: how it is kept, and the test in this folder that looks there."""

    place: str
    kept: str
    test: str


ELSEWHERE: tuple[Elsewhere, ...] = (
    Elsewhere(
        "Files of cases, papers (PDF), import originals in `files/`",
        "As they came, readable by the user of the program alone. Erasure removes the bytes unless somebody"
        " else's row"
        " points to the same ones.",
        "test_nothing_of_an_erased_person_can_be_read_anywhere",
    ),
    Elsewhere(
        "Workbooks of errors of an import",
        "Made when asked for from the original and the sealed faults, never stored; after an erasure there"
        " is nothing to"
        " make them from.",
        "test_the_workbook_of_errors_can_no_longer_be_made",
    ),
    Elsewhere(
        "Copies of exported files in `exports/`",
        "Sealed under a key of the export's own for three days; erasure removes all kept or being made. A file"
        " that has left"
        " the house is beyond it: the register tells who has it.",
        "test_kept_copies_of_exports_go",
    ),
    Elsewhere(
        "The program's log and the log of requests",
        "Masked as it is written: phone and ID numbers keep three and four signs, e-mail its first, secrets"
        " nothing.",
        "test_no_number_stands_in_the_log",
    ),
    Elsewhere(
        "Arguments and results of jobs, tracebacks",
        "Ids only; tracebacks are masked when stored, and those that name the person are blanked.",
        "test_jobs_hold_ids_and_masked_tracebacks",
    ),
    Elsewhere(
        "Live news and the page's event stream",
        "Ids and numbers of cases; what is new is fetched with the reader's own rights.",
        "test_live_news_holds_ids_alone",
    ),
    Elsewhere(
        "The audit log, before and after",
        "Sealed under the person's key, or ids and codes; after an erasure it keeps ciphertext and the chain"
        " verifies.",
        "test_the_log_still_holds_and_keeps_ciphertext",
    ),
    Elsewhere(
        "The files of the database itself",
        "On SQLite freed pages are overwritten, the search index is merged and the write-ahead log written back"
        " when an erasure ends. On PostgreSQL old versions of rows stay until `VACUUM FULL` has rewritten"
        " the tables.",
        "test_nothing_lingers_in_the_file_of_the_database",
    ),
    Elsewhere(
        "Backups",
        "Numbers and addresses sealed, the keys in a file apart; words in clear. An older archive holds an"
        " erased person"
        " until it is deleted; a restore erases them again.",
        "test_erased_after_the_backup_erased_after_the_restore",
    ),
    Elsewhere(
        "The list of erasures beside the keys",
        "Ids and keyed digests.",
        "test_the_list_holds_ids_and_digests_alone",
    ),
    Elsewhere(
        "Weekly summaries, finalised or mailed",
        "A finalised week keeps ids and figures; what customers said is looked up when the page is read, so"
        " it goes with"
        " them. The PDF of a mail quotes it: a mail that has left the house is beyond erasure.",
        "test_a_finalised_week_quotes_nobody",
    ),
    Elsewhere(
        "Weekly summaries as a file",
        "Quote customers and departments, so they leave through the register of exports: purpose, reason, number"
        " and who took it on every sheet.",
        "test_a_week_that_quotes_customers_leaves_through_the_register",
    ),
    Elsewhere(
        "Figures of notices per department as a workbook",
        "Names of departments and figures, nothing about customers; who took it stands in the log.",
        "test_the_workbook_of_departments_holds_nothing_of_a_customer",
    ),
    Elsewhere(
        "Addresses of pages, and so the browser's history and a proxy's log",
        "Full numbers are posted where somebody looks one up; what is typed into a search box stands in the"
        " address. Our"
        " log of requests names the route alone; a proxy in front must not log what follows the question mark.",
        "test_the_log_of_requests_names_routes_alone",
    ),
    Elsewhere(
        "The tab of a colleague's browser, while a form is being written",
        "What is typed, so that the end of a session loses nothing: until it is saved, somebody else signs in,"
        " the writer signs out, the tab is closed, or a day has passed. ID numbers, exact addresses, passwords"
        " and codes are not kept.",
        "test_forms_with_id_numbers_and_addresses_are_not_kept_in_the_browser",
    ),
    Elsewhere(
        "Pages, lists, exports and the API",
        "Masked unless the reader holds the right; each look at a full value is audited.",
        "test_pages_say_erased_instead_of_breaking",
    ),
)


def text_columns() -> dict[str, list[str]]:
    """By table; a column of choices holds one of a list, so it is left out."""
    return {
        model._meta.label: names
        for model in apps.get_models()
        if (
            names := [
                field.attname
                for field in model._meta.concrete_fields
                if isinstance(field, TEXTS) and not field.choices
            ]
        )
    }


def columns_held(*wanted: Held) -> set[str]:
    """`table.column` as the database calls them."""
    return {
        f"{apps.get_model(label)._meta.db_table}.{apps.get_model(label)._meta.get_field(name).column}"
        for label, table in COLUMNS.items()
        for name, held in table.by_column().items()
        if held in wanted
    }


def as_markdown() -> str:
    lines = [
        "| table | sealed | digest or blind token | masked | clear, blanked by erasure | kept, and why |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for label, table in sorted(COLUMNS.items()):
        cells = [table.sealed, table.digest, table.masked, table.blanked, table.excluded]
        if any(cells):
            told = [" ".join(f"`{name}`" for name in cell.split()) for cell in cells]
            told[-1] = f"{told[-1]} {table.why}".strip()
            lines.append(f"| {label} | " + " | ".join(told) + " |")
    lines += ["", "| elsewhere | how it is kept | looked for by |", "|---|---|---|"]
    lines += [f"| {one.place} | {one.kept} | `{one.test}` |" for one in ELSEWHERE]
    return "\n".join(lines) + "\n"
