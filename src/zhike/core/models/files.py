from django.db import models


class StoredFile(models.Model):
    """A file in the data folder, named by the digest of its bytes; equal files are stored once."""

    digest = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    content_type = models.CharField(max_length=100)
    stored_at = models.DateTimeField()
    # Its bytes were removed because somebody was erased. The same bytes stored again bring it back.
    removed_at = models.DateTimeField(null=True, blank=True)
