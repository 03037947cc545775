"""A query as people read it."""

from linkops.console.pages.groups.words import HOLDS
from linkops.console.parts.times import exact
from linkops.console.texts import _
from linkops.devices.conditions.model import Condition, ConditionField

F = ConditionField


def sentence_of(condition: Condition) -> str:
    """Return a condition in the viewer's language."""
    match condition.field:
        case F.ONLINE | F.ENABLED:
            return _("The device {holds}", holds=_(HOLDS[condition.field][condition.holds is not False]))
        case F.PRODUCT:
            return _("Product is one of {products}", products=", ".join(condition.product_keys or ()))
        case F.NAME_PREFIX:
            return _("Device name begins with {prefix}", prefix=condition.prefix)
        case F.TAG:
            if condition.value is None:
                return _("Has the tag {key}", key=condition.key)
            return _("Tag {key} is {value}", key=condition.key, value=condition.value)
        case F.VERSION:
            return _version(condition)
        case F.ACTIVATED:
            return " · ".join(_activated(condition))


def _version(condition: Condition) -> str:
    if condition.versions is not None:
        versions = ", ".join(condition.versions)
        return _("Version of {module} is one of {versions}", module=condition.module, versions=versions)
    if condition.holds is False:
        return _("No version of {module} is reported", module=condition.module)
    return _("A version of {module} is reported", module=condition.module)


def _activated(condition: Condition) -> list[str]:
    said = []
    if condition.holds is not None:
        said.append(_("Was ever activated") if condition.holds else _("Was never activated"))
    if condition.within_days is not None:
        said.append(_("First login in the last {days} days", days=condition.within_days))
    if condition.since_at is not None:
        said.append(_("First login at {time} or later", time=exact(condition.since_at)))
    if condition.before_at is not None:
        said.append(_("First login before {time}", time=exact(condition.before_at)))
    return said
