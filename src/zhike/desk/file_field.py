"""Several files in one field, refused in words that say what to do."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

MOST_FILES = 5
TOO_LARGE_CODE = "file_too_large"


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    # The house draws a plain input; a stored file is never offered for removal here.
    template_name = "django/forms/widgets/file.html"


class SeveralFilesField(forms.FileField):
    widget = SeveralFilesInput

    def __init__(self, *, most: int = MOST_FILES, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files: Sequence[UploadedFile[Any]] = [f for f in (data or []) if f]
        if self.required and not files:
            raise ValidationError(_("Please choose a file."), code="required")
        if len(files) > self.most:
            raise ValidationError(
                _("%(count)d files are chosen; %(most)d are possible at a time.")
                % {"count": len(files), "most": self.most},
                code="too_many",
            )
        for file in files:
            self._check(file)
        return list(files)

    @staticmethod
    def _check(file: UploadedFile[Any]) -> None:
        if not file.size:
            raise ValidationError(
                _("“%(name)s” is empty (0 bytes). Please choose the right file.")
                % {"name": file.name},
                code="file_empty",
            )
        if file.size > settings.UPLOAD_LIMIT_BYTES:
            raise ValidationError(
                _("“%(name)s” is larger than 20 MB. Please send a smaller one.")
                % {"name": file.name},
                code=TOO_LARGE_CODE,
            )


def status_of(form: forms.Form) -> int:
    """422 for a form to be mended; 413 when a file was too large."""
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    return 413 if TOO_LARGE_CODE in codes else 422
