"""What may follow what in a request, and what each kind is answered with. Pure."""

from zhike.privacy.choices import Kind, State, StepKind

OPEN = frozenset({State.RECEIVED, State.CHECKED})
# Where a step leads; a step that is not listed for a state is refused there.
FOLLOWS: dict[tuple[State, StepKind], State] = {
    (State.RECEIVED, StepKind.IDENTITY): State.CHECKED,
    (State.CHECKED, StepKind.PACKAGE): State.CHECKED,
    (State.CHECKED, StepKind.CONSENT): State.CHECKED,
    (State.CHECKED, StepKind.ERASED): State.DONE,
    (State.CHECKED, StepKind.DONE): State.DONE,
    **{(state, StepKind.NOTE): state for state in OPEN},
    **{(state, StepKind.REFUSED): State.REFUSED for state in OPEN},
    **{(state, StepKind.TAKEN_BACK): State.TAKEN_BACK for state in OPEN},
}
# The step that shows a kind of request was fulfilled. A correction shows itself in the file's own changes.
EVIDENCE: dict[Kind, StepKind | None] = {
    Kind.VIEW: StepKind.PACKAGE,
    Kind.COPY: StepKind.PACKAGE,
    Kind.CORRECT: None,
    Kind.WITHDRAW: StepKind.CONSENT,
    Kind.DELETE: StepKind.ERASED,
    Kind.CLOSE: StepKind.ERASED,
}


def state_after(state: State, step: StepKind) -> State | None:
    """None where the step cannot be taken."""
    return FOLLOWS.get((state, step))


def fits(kind: Kind, step: StepKind) -> bool:
    """Whether a step belongs to a kind at all: nobody's data are erased on a request for a copy."""
    if step is StepKind.DONE:
        return EVIDENCE[kind] is not StepKind.ERASED
    return (
        step not in (StepKind.PACKAGE, StepKind.CONSENT, StepKind.ERASED) or EVIDENCE[kind] is step
    )
