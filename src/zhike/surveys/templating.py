from zhike.core.templating import component_from
from zhike.surveys.choices import SurveyState

_TONES = {SurveyState.DRAFT: "mute", SurveyState.OPEN: "ok", SurveyState.CLOSED: "line"}


@component_from("surveys/_state.html")
def survey_state(state: str) -> dict[str, object]:
    """Draft, taking answers, closed."""
    known = SurveyState(state)
    return {"label": known.label, "tone": _TONES[known]}
