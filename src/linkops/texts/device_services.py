"""What people read when something about messages to devices is refused (see `linkops.texts.refusals`)."""

DEVICE_SERVICE_TEXTS: dict[str, tuple[str, str]] = {
    "broadcast.running": (
        "Another broadcast to the product {product_key} is being sent; try again in a moment.",
        "产品 {product_key} 正在进行另一次广播,请稍后再试。",
    ),
    "rrpc.timeout": (
        "A device has {least} to {most} seconds to answer.",
        "设备应答超时为 {least} 到 {most} 秒。",
    ),
    "rrpc.too_many": (
        "Too many questions wait for an answer of {device}, or of all devices; try again in a moment.",
        "等待设备 {device} 或全部设备应答的请求过多,请稍后再试。",
    ),
    "topic.not_allowed": (
        "The product's rules do not let its devices subscribe to 'user/{path}'; change them, or use another path.",
        "产品的主题规则不允许设备订阅 user/{path};请修改规则或使用其他路径。",
    ),
    "topic.path": (
        "A path is 1 to {max_chars} characters in at most {max_levels} levels; '+' fills a level, '#' the rest.",
        "路径为 1 到 {max_chars} 个字符,最多 {max_levels} 级;+ 占一整级,# 只能在末级。",
    ),
    "topic.path_repeated": ("The path {path} has two rules; give it one.", "路径 {path} 有两条规则,请只保留一条。"),
    "topic.too_many_rules": ("A product has at most {most} rules.", "一个产品最多 {most} 条规则。"),
}
