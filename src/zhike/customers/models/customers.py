from django.db import models

from zhike.accounts.models import Unit, User
from zhike.core.models import PersonKey
from zhike.core.search import Searchable
from zhike.customers.choices import CompanyType, CustomerKind, IncomeBand, Sex, Stage, Tier
from zhike.customers.models.regions import Region


class Customer(Searchable):
    """One file: a person or an organisation. What a list shows lies flat on the row.

    `organisation_name`, `region_name`, `tags_text`, `phone_mask`, `contact_words` and `habits_text` are copies
    kept by the services (`zhike.customers.services.copies`), so that a list and a search join nothing.
    """

    kind = models.CharField(
        max_length=12, choices=CustomerKind.choices, default=CustomerKind.PERSON
    )
    name = models.CharField(max_length=120)
    # Pinyin in ASCII: the same order on both databases.
    name_key = models.CharField(max_length=240, editable=False)
    salutation = models.CharField(max_length=40, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="customers")
    key = models.ForeignKey(PersonKey, on_delete=models.PROTECT, related_name="+")

    organisation = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="contacts"
    )
    organisation_role = models.CharField(max_length=60, blank=True)
    organisation_name = models.CharField(max_length=120, blank=True, editable=False)

    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="customers"
    )
    region_name = models.CharField(max_length=200, blank=True, editable=False)
    sex = models.CharField(max_length=6, choices=Sex.choices, blank=True)
    # The year is often not told.
    birth_year = models.SmallIntegerField(null=True, blank=True)
    birth_month = models.SmallIntegerField(null=True, blank=True)
    birth_day = models.SmallIntegerField(null=True, blank=True)
    household_size = models.SmallIntegerField(null=True, blank=True)
    household_note = models.CharField(max_length=200, blank=True)
    occupation = models.CharField(max_length=60, blank=True)
    income_band = models.CharField(max_length=12, choices=IncomeBand.choices, blank=True)
    company_type = models.CharField(max_length=12, choices=CompanyType.choices, blank=True)
    remark = models.TextField(blank=True)

    tier = models.CharField(max_length=10, choices=Tier.choices, default=Tier.ORDINARY)
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.PROSPECT)
    stage_since = models.DateField()
    manager = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="managed_customers"
    )
    referrer = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="referred"
    )
    custom = models.JSONField(default=dict, blank=True)
    completeness = models.SmallIntegerField(default=0, editable=False)

    tags_text = models.CharField(max_length=400, blank=True, editable=False)
    phone_mask = models.CharField(max_length=40, blank=True, editable=False)
    # Blind tokens and last four digits of every live identity.
    contact_words = models.TextField(blank=True, editable=False)
    habits_text = models.TextField(blank=True, editable=False)

    external_id = models.CharField(max_length=80, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="absorbed"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    # Since when nothing is to be read here any more; such a file is out of use too.
    erased_at = models.DateTimeField(null=True, blank=True)
    import_run_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Grows with every edit of the file; an edit based on an older one is refused.
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id="") & models.Q(voided_at__isnull=True),
                name="customer_external_id",
            ),
            models.CheckConstraint(
                condition=models.Q(completeness__gte=0) & models.Q(completeness__lte=100),
                name="customer_completeness_range",
            ),
        ]
        # The sorts a list offers, for one unit and for all; files out of use are no part of any list.
        indexes = [
            models.Index(
                fields=["unit", "-created_at", "-id"],
                name="customer_unit_created",
                condition=models.Q(merged_into__isnull=True, voided_at__isnull=True),
            ),
            models.Index(
                fields=["-created_at", "-id"],
                name="customer_created",
                condition=models.Q(merged_into__isnull=True, voided_at__isnull=True),
            ),
            # By last contact: see the migration, the databases differ in where empty ones stand.
            models.Index(
                fields=["unit", "name_key", "id"],
                name="customer_unit_name",
                condition=models.Q(merged_into__isnull=True, voided_at__isnull=True),
            ),
            models.Index(
                fields=["name_key", "id"],
                name="customer_name",
                condition=models.Q(merged_into__isnull=True, voided_at__isnull=True),
            ),
            models.Index(fields=["import_run_id", "id"], name="customer_import_run"),
            models.Index(fields=["birth_month", "birth_day"], name="customer_birthday"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def in_use(self) -> bool:
        return self.merged_into_id is None and self.voided_at is None

    def search_text(self) -> str:
        told = [value for value in self.custom.values() if isinstance(value, str)]
        parts = [
            self.name,
            self.salutation,
            self.organisation_name,
            self.region_name,
            self.tags_text,
            self.contact_words,
            self.habits_text,
            self.occupation,
            self.remark,
            self.external_id,
            *told,
        ]
        return "\n".join(part for part in parts if part)
