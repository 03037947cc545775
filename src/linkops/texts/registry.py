"""Texts of refusals about products, devices, groups and messages to devices (see `linkops.texts.refusals`)."""

REGISTRY_TEXTS: dict[str, tuple[str, str]] = {
    "message.not_delivered": (
        "{device} is away and keeps no messages, or does not subscribe to this topic.",
        "设备 {device} 不在线且不保留消息,或未订阅该主题。",
    ),
    "message.path": (
        "A path is 1 to {max_chars} characters in at most {max_levels} levels, without wildcards.",
        "路径为 1 到 {max_chars} 个字符,最多 {max_levels} 级,不含通配符。",
    ),
    "message.payload": ("The payload is not base64.", "负载不是 base64。"),
    "message.too_large": ("A message has at most {max_bytes} bytes.", "消息最多 {max_bytes} 字节。"),
    "device.bulk_size_invalid": ("Name 1 to {most} devices.", "请指定 1 到 {most} 台设备。"),
    "device.count_invalid": ("Between 1 and {most} devices are created at once.", "一次可创建 1 到 {most} 台设备。"),
    "device.filter_needs_product": ("A module is looked for within a product.", "按模块查询时须指定产品。"),
    "device.name_invalid": (
        "A device name is 4 to 32 letters, digits, '-', '_', '@', '.', ':'.",
        "设备名称为 4 到 32 个字母、数字或 - _ @ . :。",
    ),
    "device.name_taken": ("The product has a device {device_name} already.", "产品下已有设备 {device_name}。"),
    "device.nickname_invalid": (
        "A nickname is 4 to 64 letters, digits, blanks and ' _-@().:'.",
        "备注名为 4 到 64 个字符:文字、数字、空格和 _-@().:。",
    ),
    "device.not_found": ("There is no device {device}.", "没有设备 {device}。"),
    "device.secret_invalid": ("A secret is 16 to 64 letters and digits.", "密钥为 16 到 64 个字母或数字。"),
    "group.condition_contradicts": (
        "In a condition about {about}, '{name}' contradicts the rest of it.",
        "{about} 条件中的 {name} 与其余部分冲突。",
    ),
    "group.condition_invalid": ("A condition about {about} has no such '{name}'.", "{about} 条件的 {name} 无效。"),
    "group.condition_lacks": ("A condition about {about} needs '{name}'.", "{about} 条件缺少 {name}。"),
    "group.condition_takes_not": ("A condition about {about} takes no '{name}'.", "{about} 条件不接受 {name}。"),
    "group.device_of_other_product": (
        "The device {device} is not of the group's product.",
        "设备 {device} 不属于分组所在产品。",
    ),
    "group.dynamic_stands_alone": (
        "A dynamic group has no group above or below it.",
        "动态分组没有上级分组,也没有子分组。",
    ),
    "group.has_sub_groups": ("The group has groups below it: delete them first.", "分组仍有子分组,请先删除子分组。"),
    "group.is_dynamic": (
        "The devices of a dynamic group follow from its query.",
        "动态分组的设备由其查询条件决定。",
    ),
    "group.name_invalid": (
        "A group name is 1 to 64 columns of letters, digits, blanks and ' _-@().:'.",
        "分组名称为 1 到 64 个字符:文字、数字、空格和 _-@().:。",
    ),
    "group.name_taken": ("There is a group called {name} beside it already.", "同级已有分组 {name}。"),
    "group.not_found": ("There is no group {group_id}.", "没有分组 {group_id}。"),
    "group.parent_of_other_product": ("The group above is not of this product.", "上级分组不属于该产品。"),
    "group.query_names_product": (
        "The group is of one product, so a condition about products has no sense.",
        "分组只属于一个产品,不能再按产品查询。",
    ),
    "group.query_size": ("A query has 1 to {most} conditions.", "查询包含 1 到 {most} 个条件。"),
    "group.static_has_no_query": ("A static group has no query.", "静态分组没有查询条件。"),
    "group.too_deep": ("Groups stand in at most {most} levels.", "分组最多 {most} 级。"),
    "group.too_many": (
        "There are at most {most} groups of a product, and as many over all products.",
        "每个产品最多 {most} 个分组,跨产品分组最多 {most} 个。",
    ),
    "group.too_many_sub_groups": ("At most {most} groups are directly below one.", "一个分组最多 {most} 个子分组。"),
    "list.line_too_long": ("Line {line} is longer than {max_bytes} bytes.", "第 {line} 行超过 {max_bytes} 字节。"),
    "list.line_unreadable": ("This line is not comma-separated text.", "该行不是有效的逗号分隔文本。"),
    "list.product_missing": (
        "The group is over all products: name the device's product.",
        "跨产品分组须注明设备所属产品。",
    ),
    "list.too_large": ("The list is larger than {max_bytes} bytes.", "列表超过 {max_bytes} 字节。"),
    "list.too_many_lines": ("A list has at most {most} lines.", "列表最多 {most} 行。"),
    "product.description_invalid": ("A description is at most {most} characters.", "描述最多 {most} 个字符。"),
    "product.in_use": (
        "The product {product_key} still has devices, packages or jobs.",
        "产品 {product_key} 仍有设备、升级包或批次。",
    ),
    "product.key_invalid": ("A product key is 2 to 32 letters and digits.", "产品标识为 2 到 32 个字母或数字。"),
    "product.name_invalid": (
        "A product name is 4 to 30 columns of letters, digits, blanks and ' _-@().:'.",
        "产品名称为 4 到 30 个字符:文字、数字、空格和 _-@().:。",
    ),
    "product.name_or_key_taken": ("Another product has this name or key.", "产品名称或标识已被使用。"),
    "product.not_found": ("There is no product {product_key}.", "没有产品 {product_key}。"),
    "tag.key_invalid": (
        "A tag key is 1 to 30 letters, digits, '.', '_', '-'.",
        "标签键为 1 到 30 个字母、数字或 . _ -。",
    ),
    "tag.too_many": ("A device has at most {most} tags.", "一台设备最多 {most} 个标签。"),
    "tag.value_invalid": ("The value of the tag {key} cannot be.", "标签 {key} 的值无效。"),
}
