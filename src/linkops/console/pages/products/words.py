"""How things about products are called."""

from linkops.console.texts import n_
from linkops.devices.model import AuthType, NodeType

NODE_TYPES = {
    NodeType.DEVICE: n_("Directly connected device"),
    NodeType.GATEWAY: n_("Gateway"),
    NodeType.SUBDEVICE: n_("Sub-device of a gateway"),
}
AUTH_TYPES = {AuthType.SECRET: n_("Device secret"), AuthType.X509: n_("X.509 certificate")}
