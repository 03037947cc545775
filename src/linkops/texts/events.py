"""What people read when something about webhooks and streams of events is refused; see `linkops.texts.refusals`."""

EVENT_TEXTS: dict[str, tuple[str, str]] = {
    "dead_letter.bulk_size_invalid": ("Name 1 to {most} dead letters.", "请指定 1 到 {most} 条死信。"),
    "dead_letter.not_found": ("The webhook has no dead letter {id}.", "该推送地址没有死信 {id}。"),
    "event.kinds_invalid": (
        "Name some of these kinds of events, each once: {kinds}.",
        "请指定以下事件类型,不可重复:{kinds}。",
    ),
    "stream.too_many": (
        "There are at most {most} streams, and {most_of_account} of one account.",
        "最多 {most} 个事件流,每个账号最多 {most_of_account} 个。",
    ),
    "webhook.address_refused": (
        "This leads to an address that is neither public nor in one of the allowed networks.",
        "该地址既不是公网地址,也不在允许的网段内。",
    ),
    "webhook.disabled": ("The webhook {id} is disabled.", "推送地址 {id} 已停用。"),
    "webhook.grace_invalid": ("An old secret signs for 0 to {most} hours.", "旧密钥可保留 0 到 {most} 小时。"),
    "webhook.not_found": ("There is no webhook {id}.", "没有推送地址 {id}。"),
    "webhook.too_many": ("There are at most {most} webhooks.", "最多 {most} 个推送地址。"),
    "webhook.url_invalid": (
        "A URL is http or https, at most {most} ASCII characters, without credentials and fragment.",
        "URL 须为 http 或 https,最多 {most} 个 ASCII 字符,不含用户信息和片段。",
    ),
}
