from django.db import models

from zhike.surveys.models.answers import Response


class AnswerFile(models.Model):
    """A photo or paper sent in with an answer, which names it by its token. Names tell when, so none is kept."""

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="files")
    question = models.CharField(max_length=24)
    token = models.CharField(max_length=16, unique=True)
    file = models.ForeignKey("core.StoredFile", on_delete=models.PROTECT, related_name="+")
    content_type = models.CharField(max_length=40)
    size_bytes = models.BigIntegerField()
