"""What a fault of the audit chain means, in a sentence."""

from django.utils.translation import gettext as _

from zhike.core.audit_chain import Fault


def sentence_of(fault: str, row: int | None) -> str:
    words = {
        Fault.CHANGED: _("Row %(row)s was changed after it was written."),
        Fault.MISSING: _("Row %(row)s was deleted."),
        Fault.BROKEN: _("Links are missing or were put in before row %(row)s."),
        Fault.UNSEALED: _(
            "Row %(row)s has no link though it is older than five minutes: no worker runs, or it was slipped in."
        ),
        Fault.CUT_OFF: _("The noted head is not in the chain: the end of the log was cut off."),
    }
    return words[Fault(fault)] % {"row": row}
