from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from zhike.accounts.models.units import Unit


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        # Staff numbers are typed in any case and width; they are stored in one.
        return self.get(staff_number=normal_staff_number(username or ""))


def normal_staff_number(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", text).strip().upper()


class User(AbstractBaseUser):
    """Somebody of the company who signs in with a staff number. There is no open sign-up."""

    staff_number = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    email = models.EmailField(blank=True)
    title = models.CharField(max_length=60, blank=True)
    extension = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="people")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True)
    preferences = models.JSONField(default=dict, blank=True)

    USERNAME_FIELD = "staff_number"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.staff_number = normal_staff_number(self.staff_number)
        super().save(*args, **kwargs)
