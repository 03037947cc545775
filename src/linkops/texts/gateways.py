"""What people read when something about gateways and their sub-devices is refused; see `linkops.texts.refusals`."""

GATEWAY_TEXTS: dict[str, tuple[str, str]] = {
    "gateway.full": (
        "{device} would have more than {most} sub-devices: remove some, or use a second gateway.",
        "网关 {device} 的子设备将超过 {most} 台,请先移除部分子设备或使用其他网关。",
    ),
    "gateway.not_a_gateway": (
        "{device} is no gateway: its product has another node type.",
        "设备 {device} 不是网关,其产品的节点类型不同。",
    ),
    "gateway.not_sub_devices": (
        "Devices of {product_key} connect themselves: only products of node type 'subdevice' have sub-devices.",
        "产品 {product_key} 的设备为直连设备,只有节点类型为 subdevice 的产品的设备可以挂在网关下。",
    ),
    "gateway.offline": (
        "The gateway {device} is not connected: ask again when it is.",
        "网关 {device} 未连接,请在其上线后重试。",
    ),
    "gateway.permit_seconds": ("A join window is 1 to {most} seconds.", "允许加入的时间为 1 到 {most} 秒。"),
}
