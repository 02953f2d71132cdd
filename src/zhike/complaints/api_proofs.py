"""A remedy carried out with its receipt or picture, over the API: what the page's form sends, as multipart."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, File, Form, Router
from ninja.files import UploadedFile

from zhike.complaints.api_remedies import RemedyOut, remedy_out
from zhike.complaints.money import MOST_CENTS
from zhike.complaints.selectors.remedies import remedy_of
from zhike.complaints.services import remedies
from zhike.core.api import REFUSALS, RowId, Strict, caller
from zhike.desk.api import PhraseReason
from zhike.desk.api_files import new_files
from zhike.desk.permissions import WORK
from zhike.desk.services.words import Kept

router = Router(tags=["remedies"])


class ProvenIn(Strict):
    proof: str = Field(max_length=500)
    # A form sends text; a point or a sign that is no figure is refused all the same.
    cost_cents: Annotated[int, Field(ge=0, le=MOST_CENTS)]
    phrase_reason: PhraseReason = ""


@router.post("/remedies/{remedy_id}/carry-out/with-file", response={200: RemedyOut, **REFUSALS})
def carry_out_with_file(
    request: HttpRequest, remedy_id: RowId, file: File[UploadedFile], done: Form[ProvenIn]
) -> Any:
    """As `carry-out`, with the receipt or picture that shows it: one file of at most 20 MB. Once.

    Send multipart/form-data; `proof_file` of the answer tells where the bytes can be fetched again.
    """
    actor, grants = caller(request)
    grants.require(WORK)
    # A remedy out of reach is refused before anything of it is kept.
    remedy_of(grants, remedy_id)
    return remedy_out(
        remedies.carry_out(
            actor=actor,
            grants=grants,
            remedy_id=remedy_id,
            proof=done.proof,
            cost_cents=done.cost_cents,
            files=new_files([file]),
            kept=Kept(done.phrase_reason),
        )
    )
