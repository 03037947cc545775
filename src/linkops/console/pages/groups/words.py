"""How things about groups are called."""

from linkops.console.texts import n_
from linkops.devices.conditions.model import ConditionField
from linkops.devices.groups.model import GroupKind

KINDS = {GroupKind.STATIC: n_("Static"), GroupKind.DYNAMIC: n_("Dynamic")}
FIELDS = {
    ConditionField.ONLINE: n_("Connection"),
    ConditionField.ENABLED: n_("Switch"),
    ConditionField.ACTIVATED: n_("First login"),
    ConditionField.NAME_PREFIX: n_("Device name"),
    ConditionField.TAG: n_("Tag"),
    ConditionField.VERSION: n_("Version"),
    ConditionField.PRODUCT: n_("Product"),
}
HOLDS = {
    ConditionField.ONLINE: {True: n_("is online"), False: n_("is offline")},
    ConditionField.ENABLED: {True: n_("may connect"), False: n_("is disabled")},
}
EVER, NEVER, WITHIN, SINCE, BEFORE = "ever", "never", "within", "since", "before"
ACTIVATIONS = {
    EVER: n_("was ever activated"),
    NEVER: n_("was never activated"),
    WITHIN: n_("in the last days"),
    SINCE: n_("on or after"),
    BEFORE: n_("before"),
}
ONE_OF, ANY, NONE = "one_of", "any", "none"
VERSIONS = {ONE_OF: n_("is one of"), ANY: n_("is reported"), NONE: n_("is not reported")}
