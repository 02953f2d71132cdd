"""The words a customer file is kept in."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
