from collections.abc import Sequence

from django.utils.translation import gettext as _

from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.customers import rules
from zhike.customers.errors import missing, too_long
from zhike.customers.models import CustomerTag, Tag
from zhike.customers.permissions import EDIT
from zhike.customers.services.copies import refresh_copies
from zhike.customers.services.noting import look_through
from zhike.customers.services.opening import open_file
from zhike.customers.services.recording import Change, record_changes

MOST_TAGS = 12


def _tag_name(text: str) -> str:
    # A blank inside would read as two tags in the flat copy.
    name = rules.clean_line(text).replace(" ", "")
    if len(name) > 20:
        raise too_long("tags", 20)
    return name


def tags_named(names: Sequence[str]) -> list[Tag]:
    """The tags of these names; new ones are made. Call it inside a unit of work."""
    wanted = list(dict.fromkeys(filter(None, (_tag_name(name) for name in names))))
    if not wanted:
        return []
    if len(wanted) > MOST_TAGS:
        raise RuleError(
            "too_many_tags",
            _("A file carries at most %(count)s tags.") % {"count": MOST_TAGS},
            field="tags",
        )
    known = {tag.name: tag for tag in Tag.objects.filter(name__in=wanted)}
    fresh = [Tag(name=name) for name in wanted if name not in known]
    if fresh:
        Tag.objects.bulk_create(fresh, ignore_conflicts=True)
        known = {tag.name: tag for tag in Tag.objects.filter(name__in=wanted)}
    retired = [tag.pk for tag in known.values() if not tag.is_active]
    if retired:
        Tag.objects.filter(pk__in=retired).update(is_active=True)
    return sorted(known.values(), key=lambda tag: tag.name)


def set_tags(
    *, actor: work.Actor, grants: Grants, customer_id: int, names: Sequence[str]
) -> list[Tag]:
    """The file carries exactly these tags from now on."""
    grants.require(EDIT)
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id)
        wanted = {tag.pk: tag for tag in tags_named(names)}
        links = {link.tag_id: link for link in CustomerTag.objects.filter(customer=customer)}
        gone = [link.pk for tag_id, link in links.items() if tag_id not in wanted]
        fresh = [tag for tag_id, tag in wanted.items() if tag_id not in links]
        if gone or fresh:
            look_through(actor, grants, tags="，".join(tag.name for tag in fresh))
            CustomerTag.objects.filter(pk__in=gone).delete()
            CustomerTag.objects.bulk_create(
                [CustomerTag(customer=customer, tag=tag) for tag in fresh]
            )
            before = customer.tags_text
            customer.version += 1
            refresh_copies(customer)
            customer.save()
            record_changes(
                unit, customer, "customers.tags", [Change("tags", before, customer.tags_text)]
            )
    return sorted(wanted.values(), key=lambda tag: tag.name)


def add_tag(*, actor: work.Actor, grants: Grants, name: str) -> Tag:
    grants.require(MANAGE_SETTINGS)
    if not _tag_name(name):
        raise RuleError("tag_missing", _("Please enter a tag."), field="name")
    with work.unit(actor) as unit:
        tag = tags_named([name])[0]
        unit.audit("customers.tag.add", tag, after={"name": tag.name})
    return tag


def change_tag(
    *, actor: work.Actor, grants: Grants, tag_id: int, name: str = "", is_active: bool = True
) -> Tag:
    """Rename or retire a tag. Files carry the new name as soon as the job has gone over them."""
    grants.require(MANAGE_SETTINGS)
    from zhike.customers.tasks import refresh_files_of_tag

    with work.unit(actor) as unit:
        tag = Tag.objects.select_for_update().filter(pk=tag_id).first()
        if tag is None:
            raise missing("tag_gone", _("There is no such tag."))
        before = {"name": tag.name, "is_active": tag.is_active}
        new_name = _tag_name(name) or tag.name
        if Tag.objects.filter(name=new_name).exclude(pk=tag.pk).exists():
            raise RuleError("tag_taken", _("There is a tag of this name already."), field="name")
        is_renamed = new_name != tag.name
        tag.name, tag.is_active = new_name, is_active
        tag.save()
        unit.audit(
            "customers.tag.change",
            tag,
            before=before,
            after={"name": tag.name, "is_active": is_active},
        )
        if is_renamed:
            unit.enqueue(refresh_files_of_tag, tag_id=tag.pk)
    return tag
