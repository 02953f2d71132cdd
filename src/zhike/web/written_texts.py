"""Every text people can write, and what is looked for in it: one decision for each field of each form and request.

A field that is asked says so in its form (`asked_texts`), and its request to the API takes `phrase_reason`. A test
compares, and fails for a text nobody has decided about.
"""

from enum import StrEnum

from zhike.desk.phrases import Place


class NotAsked(StrEnum):
    """Why a text is not looked through."""

    # What a customer wrote or said, in their own words: never corrected.
    CUSTOMERS_OWN = "customers_own"
    # Names, numbers, codes, amounts, addresses: no sentences.
    NO_SENTENCE = "no_sentence"
    # Why something was done, for register and log alone: nothing about a customer.
    FOR_THE_LOG = "for_the_log"
    # What the law wants customers to be told, written with whoever answers for it.
    LEGAL_NOTICE = "legal_notice"
    # Looked through as a whole when it is published, or sent; a draft is read by nobody outside.
    WHEN_PUBLISHED = "when_published"
    # The list of phrases itself: it consists of such words.
    THE_LIST = "the_list"


# Read by customers, on paper or in a voice.
_OUTGOING = (
    "care.ScriptForm.opening",
    "care.ScriptForm.text",
    "complaints.ProposeForm.text",
    "complaints.StepsForm.apology",
    "complaints.StepsForm.solution",
    "complaints.StepsForm.verdict_why",
    # The subject stands on the customer's progress page.
    "desk.EditForm.title",
    "desk.IntakeForm.title",
    "desk.SplitForm.title",
    "listening.CaseForm.title",
    "desk.ReplyForm.text",
    # Over the API.
    "complaints.RemedyIn.text",
    "desk.CaseIn.title",
    "desk.ReplyIn.text",
    "listening.IntoCase.title",
)
# Read by people of another department; what is quoted there is told, not said.
_NOTICE = (
    "care.ResultForm.notice",
    "complaints.AnswerForm.action",
    "complaints.AnswerForm.cause_text",
    "complaints.CheckForm.note",
    "complaints.notices.ReasonForm.reason",
    "complaints.SendForm.text",
    "care.ResultIn.notice",
    "complaints.AnswerIn.action",
    "complaints.AnswerIn.cause_text",
    "complaints.CheckIn.note",
    "complaints.notices.ReasonIn.reason",
    "complaints.SendIn.text",
)
# Read by colleagues.
_NOTE = (
    "care.AttemptForm.note",
    "care.CallOffForm.reason",
    "care.ResultForm.missing",
    "complaints.CarryOutForm.proof",
    "complaints.DecideForm.note",
    "complaints.EndForm.reason",
    "complaints.ProposeForm.why",
    "complaints.ReasonForm.reason",
    "web.DecisionForm.reason",
    "complaints.SkipForm.reason",
    "complaints.StepsForm.agreed",
    "complaints.StepsForm.facts",
    "complaints.StepsForm.learned",
    "complaints.WayOutForm.why",
    "desk.BatchHandOverForm.reason",
    # Told to the customer when that is ticked: then it goes out.
    "desk.CloseForm.text",
    "desk.HandOverForm.reason",
    "desk.LegalEndForm.reason",
    "desk.MergeForm.reason",
    "desk.ReasonForm.reason",
    "desk.UnitForm.reason",
    "desk.WaitForm.reason",
    "insight.AnswerForm.note",
    "insight.MeasureForm.what",
    "insight.MeasureIn.what",
    "insight.MeasureAnswerIn.note",
    # In the customer's file; without a form that shows it while typing.
    "customers.CustomerForm.household_note",
    "customers.CustomerForm.remark",
    "customers.CustomerForm.tags",
    "customers.NeedOutcomeForm.outcome",
    "customers.PreferenceForm.value",
    "customers.StageForm.reason",
    "customers.TagsForm.tags",
    "customers.CustomerIn.tags",
    "customers.CustomerPatch.reason",
    "customers.CustomerPatch.remark",
    "care.AttemptIn.note",
    "care.CallOffIn.reason",
    "care.ResultIn.missing",
    "complaints.CarriedOutIn.proof",
    "complaints.ProvenIn.proof",
    "complaints.DecisionIn.note",
    "complaints.RemedyIn.why",
    "complaints.remedies.ReasonIn.reason",
    "complaints.SkipIn.reason",
    "complaints.UndoIn.reason",
    "complaints.WayOutIn.why",
    "desk.CallIn.text",
    "desk.CloseIn.text",
    "desk.HandOverIn.reason",
    "desk.LegalEndIn.reason",
    "desk.MergeIn.reason",
    "desk.NoteIn.text",
    "desk.ReopenIn.reason",
    "desk.StateIn.reason",
)
_CUSTOMERS_OWN = (
    "privacy.TakeInForm.wish",
    "privacy.RequestIn.wish",
    "care.BestTimeForm.best_time",
    "care.ResultForm.answer",
    "care.ResultForm.words",
    "complaints.StepsForm.customer_says",
    "complaints.StepsForm.wish",
    "complaints.StepsForm.words",
    "customers.NeedForm.text",
    "desk.IntakeForm.text",
    "listening.FeedbackForm.text",
    "webform.MessageForm.text",
    "webform.PublicForm.text",
    "webform.UnhappyForm.text",
    "care.ResultIn.answers",
    "care.ResultIn.words",
    "desk.CaseIn.text",
)
_NO_SENTENCE = (
    "surveys.SendingForm.name",
    "surveys.SendingIn.filter",
    "surveys.SendingIn.purpose",
    "accounts.CodeForm.code",
    "accounts.PersonForm.extension",
    "accounts.PersonForm.name",
    "accounts.PersonForm.staff_number",
    "accounts.PersonForm.title",
    "accounts.RoleForm.name",
    "accounts.SetupForm.company",
    "accounts.SetupForm.name",
    "accounts.SetupForm.staff_number",
    "accounts.SignInForm.staff_number",
    "accounts.SingleSignOnForm.claim",
    "accounts.SingleSignOnForm.client_id",
    "accounts.SingleSignOnForm.issuer",
    "accounts.SingleSignOnForm.label",
    "accounts.TokenForm.label",
    "accounts.UnitForm.name",
    "complaints.AnswerForm.responsible",
    "complaints.CarryOutForm.cost",
    "complaints.CauseNameForm.name",
    "complaints.LimitForm.limit",
    "complaints.ProposeForm.amount",
    "complaints.StepsForm.product",
    "complaints.StepsForm.where",
    "customers.AddressForm.label",
    "customers.EraseForm.name",
    "customers.EraseForm.reason",
    "customers.AddressForm.text",
    "customers.ConsentForm.proof",
    "customers.ConsentIn.proof",
    "customers.ConsentIn.purpose",
    "customers.OutreachIn.origin",
    "customers.OutreachIn.purpose",
    "customers.PurposeForm.code",
    "customers.PurposeForm.label",
    "customers.PurposeForm.note",
    "customers.CustomerForm.address",
    "customers.CustomerForm.birthday",
    "customers.CustomerForm.external_id",
    "customers.CustomerForm.name",
    "customers.CustomerForm.occupation",
    "customers.CustomerForm.organisation",
    "customers.CustomerForm.organisation_role",
    "customers.CustomerForm.phone",
    "customers.CustomerForm.referrer_phone",
    "customers.CustomerForm.region",
    "customers.CustomerForm.salutation",
    "customers.FieldForm.choices",
    "customers.FieldForm.code",
    "customers.FieldForm.help_text",
    "customers.FieldForm.label",
    "customers.IdentityForm.label",
    "customers.IdentityForm.value",
    "customers.PreferenceForm.source",
    "customers.PreferenceForm.topic",
    "customers.RegionForm.name",
    "customers.TagForm.name",
    "desk.CaseTypeForm.name",
    "desk.CaseTypeForm.prefix",
    "desk.IntakeForm.name",
    "desk.IntakeForm.phone",
    "desk.LegalStartForm.authority",
    "desk.LegalStartForm.reference",
    "desk.LegalStartIn.authority",
    "desk.LegalStartIn.reference",
    "desk.LinkForm.number",
    "desk.MergeForm.number",
    "desk.NameCustomerForm.name",
    "desk.NameCustomerForm.phone",
    "desk.OtherCaseForm.number",
    "desk.ParentForm.number",
    "desk.ReplyForm.once",
    "insight.MeasureForm.who",
    "insight.MeasureIn.who",
    "listening.CustomerForm.name",
    "listening.CustomerForm.phone",
    "listening.FeedbackForm.said_on",
    "listening.FeedbackForm.scale",
    "listening.FeedbackForm.source",
    "surveys.MakeIn.ready",
    "web.CalendarForm.name",
    "web.CalendarForm.zone",
    "web.NewCalendarForm.name",
    "web.NewCalendarForm.zone",
    "web.DateForm.hours",
    "web.HoldForm.number",
    "web.DateForm.label",
    "web.DateForm.source",
    "web.PlanForm.name",
    "web.PlanForm.source",
    "web.YearForm.source",
    # Figures of others and where they stand; nobody here is meant, no customer reads them.
    "reference.ValueForm.base",
    "reference.ValueForm.measure",
    "reference.ValueForm.note",
    "reference.ValueForm.said_by",
    "reference.ValueForm.source",
    "reference.ValueForm.unit",
    "satisfaction.SystemForm.title",
    "webform.LookUpForm.code",
    "webform.LookUpForm.number",
    "webform.PublicForm.homepage",
    "webform.PublicForm.name",
    "webform.PublicForm.phone",
    # Facts the house's own fields ask for; columns of a file.
    "customers.CustomerIn.custom",
    "customers.CustomerPatch.custom",
    "api.Upload.columns",
    "api.Upload.constants",
)
_THE_LIST = (
    "desk.PhraseForm.better",
    "desk.PhraseForm.exceptions",
    "desk.PhraseForm.pattern",
    "desk.PhraseForm.why",
    "desk.TryForm.text",
)

_LEGAL_NOTICE = (
    "customers.NoticeForm.text",
    # What was answered to a request the law gives a right to.
    "privacy.AnswerForm.answer",
    "privacy.RequestAnswerIn.answer",
    "privacy.RefuseForm.answer",
    "privacy.RefusalIn.answer",
)
_FOR_THE_LOG = (
    "api.ExportIn.reason",
    "insight.WeekFileIn.reason",
    "surveys.PublishIn.why_kept",
    "privacy.IdentityForm.note",
    "privacy.IdentityCheckedIn.note",
    "privacy.TakeBackForm.note",
    "web.HoldForm.reason",
)
_WHEN_PUBLISHED = (
    "surveys.DraftIn.document",
    "surveys.MakeIn.document",
    "surveys.GeneralForm.intro",
    "surveys.GeneralForm.thanks",
    "surveys.GeneralForm.title",
    "surveys.MakeForm.title",
    "surveys.QuestionForm.help",
    "surveys.QuestionForm.high",
    "surveys.QuestionForm.low",
    "surveys.QuestionForm.rival",
    "surveys.QuestionForm.text",
    "surveys.QuestionForm.unit",
    "surveys.SectionForm.intro",
    "surveys.SectionForm.title",
    "surveys.SendingForm.subject",
    "surveys.SendingForm.text",
    # Over the API.
    "surveys.SendingIn.subject",
    "surveys.SendingIn.text",
)

Decision = Place | NotAsked
_ROWS: tuple[tuple[Decision, tuple[str, ...]], ...] = (
    (Place.OUTGOING, _OUTGOING),
    (Place.NOTICE, _NOTICE),
    (Place.NOTE, _NOTE),
    (NotAsked.CUSTOMERS_OWN, _CUSTOMERS_OWN),
    (NotAsked.NO_SENTENCE, _NO_SENTENCE),
    (NotAsked.LEGAL_NOTICE, _LEGAL_NOTICE),
    (NotAsked.FOR_THE_LOG, _FOR_THE_LOG),
    (NotAsked.WHEN_PUBLISHED, _WHEN_PUBLISHED),
    (NotAsked.THE_LIST, _THE_LIST),
)
# "room.Form.field" or "room.Request.field"; where a room has two of a name, "room.part.Form.field".
DECIDED: dict[str, Decision] = {name: kind for kind, names in _ROWS for name in names}
