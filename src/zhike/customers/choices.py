"""The words a customer file is kept in."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CustomerKind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Organisation")


class Tier(models.TextChoices):
    """How somebody is treated. `careful` means firm and polite; it is never shown as an alarm."""

    VIP = "vip", _("VIP")
    KEY = "key", _("Key customer")
    ORDINARY = "ordinary", _("Ordinary")
    CAREFUL = "careful", _("Receive with care")


class Stage(models.TextChoices):
    """Where somebody stands in the life of the relation."""

    PROSPECT = "prospect", _("Prospect")
    WON = "won", _("Won")
    KEPT = "kept", _("Kept")
    DEVELOPING = "developing", _("Developing together")
    AT_RISK = "at_risk", _("At risk")
    LOST = "lost", _("Lost")
    WON_BACK = "won_back", _("Won back")


class Sex(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")


class IncomeBand(models.TextChoices):
    """Yearly household income in CNY."""

    UNDER_60K = "under_60k", _("Under 60,000 a year")
    TO_120K = "to_120k", _("60,000–120,000 a year")
    TO_240K = "to_240k", _("120,000–240,000 a year")
    TO_500K = "to_500k", _("240,000–500,000 a year")
    OVER_500K = "over_500k", _("Over 500,000 a year")


class CompanyType(models.TextChoices):
    SOLE_TRADER = "sole_trader", _("Sole trader")
    PRIVATE = "private", _("Private company")
    STATE_OWNED = "state_owned", _("State-owned company")
    FOREIGN = "foreign", _("Foreign-invested company")
    COOPERATIVE = "cooperative", _("Cooperative")
    PUBLIC_BODY = "public_body", _("Public body")
    OTHER = "other", _("Other")


class Channel(models.TextChoices):
    """What kind of name somebody is known by outside. Each value belongs to one customer at a time."""

    PHONE = "phone", _("Phone")
    WECHAT = "wechat", _("WeChat")
    WECOM = "wecom", _("WeCom")
    EMAIL = "email", _("E-mail")
    ID_CARD = "id_card", _("Identity card")
    DEALER_NO = "dealer_no", _("Dealer number")
    MEMBER_NO = "member_no", _("Member number")
    WEB = "web", _("Web account")


class NeedKind(models.TextChoices):
    NEED = "need", _("Need")
    UNMET_PROBLEM = "unmet_problem", _("Setback")
    EXPECTATION = "expectation", _("Expectation")
    SUGGESTION = "suggestion", _("Suggestion")


class NeedState(models.TextChoices):
    OPEN = "open", _("Not met yet")
    MET = "met", _("Met")
    DROPPED = "dropped", _("No longer wanted")


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("One of a list")
    BOOL = "bool", _("Yes or no")


class RegionLevel(models.TextChoices):
    PROVINCE = "province", _("Province")
    CITY = "city", _("City")
    COUNTY = "county", _("County or district")
    TOWN = "town", _("Town or street")
    OTHER = "other", _("Other area")


class MergeState(models.TextChoices):
    DONE = "done", _("Merged")
    UNDONE = "undone", _("Taken apart again")


class Standing(models.TextChoices):
    EXISTING = "existing", _("Existing customers")
    POTENTIAL = "potential", _("Potential customers")


class Loyalty(models.TextChoices):
    """How firmly somebody is ours."""

    SWITCHING = "switching", _("Switching")
    ATTENTIVE = "attentive", _("Attentive")
    LOYAL = "loyal", _("Loyal")


class PriorityLevel(models.IntegerChoices):
    HIGHEST = 5, _("Highest")
    HIGH = 4, pgettext_lazy("segment", "High")
    MIDDLE = 3, pgettext_lazy("segment", "Middle")
    LOW = 2, pgettext_lazy("segment", "Low")
    LOWEST = 1, _("Lowest")


class AgeBand(models.TextChoices):
    """Of the year of birth alone, as far as it is known."""

    UNDER_18 = "0-17", _("Under 18")
    TO_29 = "18-29", _("18 to 29")
    TO_39 = "30-39", _("30 to 39")
    TO_49 = "40-49", _("40 to 49")
    TO_59 = "50-59", _("50 to 59")
    OVER_60 = "60-199", _("60 and over")


class Silence(models.TextChoices):
    """For how many days nobody had to do with somebody."""

    MONTH = "30", _("30 days")
    QUARTER = "90", _("90 days")
    HALF = "180", _("180 days")
    YEAR = "365", _("a year")
