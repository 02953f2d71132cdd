from zhike.core.templating import component_from, template_filter
from zhike.surveys.choices import InvitationState, SurveyState
from zhike.surveys.sending_figures import sentence_of

_TONES = {SurveyState.DRAFT: "mute", SurveyState.OPEN: "ok", SurveyState.CLOSED: "line"}


@component_from("surveys/_state.html")
def survey_state(state: str) -> dict[str, object]:
    """Draft, taking answers, closed."""
    known = SurveyState(state)
    return {"label": known.label, "tone": _TONES[known]}


_INVITATION_TONES = {
    InvitationState.SENT: "info",
    InvitationState.ANSWERED: "ok",
    InvitationState.FAILED: "danger",
    InvitationState.REFUSED: "mute",
    InvitationState.OPTED_OUT: "mute",
}


@template_filter
def invitation_tone(state: str) -> str:
    return _INVITATION_TONES.get(InvitationState(state), "line")


@template_filter
def refusal_sentence(code: str) -> str:
    return sentence_of(code)
