"""Texts of refusals about pushes of configuration (see `linkops.texts.refusals`)."""

CONFIG_PUSH_TEXTS: dict[str, tuple[str, str]] = {
    "config_push.devices_too_many": (
        "A push names at most {most} devices; put more into a group.",
        "一次推送最多指定 {most} 台设备,更多设备请使用分组。",
    ),
    "config_push.devices_unknown": (
        "{count} of these devices do not exist, among them {names}.",
        "{count} 台设备不存在,例如 {names}。",
    ),
    "config_push.group_other_product": (
        "The group has devices of another product.",
        "该分组属于其他产品。",
    ),
    "config_push.no_document": (
        "Product {product_key} has no configuration yet; save a document first.",
        "产品 {product_key} 尚无配置,请先保存配置。",
    ),
    "config_push.not_found": ("There is no push {push_id}.", "推送 {push_id} 不存在。"),
    "config_push.once": (
        "Push {push_id} pushed this configuration; save a change first. Devices that come online are still told.",
        "该配置已由推送 {push_id} 下发。请先修改并保存;离线设备上线后仍会收到。",
    ),
    "config_push.other_stage": (
        "Push {push_id} is not at stage {stage}; look at it again.",
        "推送 {push_id} 不在阶段 {stage},请刷新后重试。",
    ),
    "config_push.over": ("Push {push_id} is over.", "推送 {push_id} 已结束。"),
    "config_push.stage_percent": (
        "The percentages of stages grow, and are more than 0 and less than 100.",
        "各阶段百分比须递增,且大于 0、小于 100。",
    ),
    "config_push.stage_success_percent": (
        "The share of devices that must succeed is 0 to 100 percent.",
        "成功率须为 0 至 100。",
    ),
    "config_push.stage_wait_s": (
        "A stage waits 0 to {most_s} seconds.",
        "阶段等待时间须为 0 至 {most_s} 秒。",
    ),
    "config_push.stages_too_many": ("A push has at most {most_stages} stages.", "一次推送最多 {most_stages} 个阶段。"),
    "config_push.stop_least": (
        "The number of devices that count before a push stops is 1 to 1,000,000.",
        "中止所需的最少设备数须为 1 至 1000000。",
    ),
    "config_push.stop_percent": (
        "The share of failures that stops a push is more than 0 and at most 100 percent.",
        "中止的失败率须大于 0 且不超过 100。",
    ),
    "config_push.switched_off": (
        "Remote configuration of product {product_key} is off; switch it on first.",
        "产品 {product_key} 的远程配置已关闭,请先开启。",
    ),
    "config_push.too_soon": (
        "There are {interval_s} seconds between two pushes; the next is possible in {retry_after_s} seconds.",
        "两次推送须间隔 {interval_s} 秒,{retry_after_s} 秒后可再次推送。",
    ),
    "config_push.two_targets": (
        "A push is for a group or for devices by name, not both.",
        "推送目标只能是分组或指定设备之一。",
    ),
}
