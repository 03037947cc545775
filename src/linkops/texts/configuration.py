"""Texts of refusals about configuration documents (see `linkops.texts.refusals`)."""

CONFIG_TEXTS: dict[str, tuple[str, str]] = {
    "config.base_unknown": (
        "There is no version {base_version}: nobody saved this document yet. Save with base_version 0.",
        "没有版本 {base_version}:该配置尚未保存过。请以 base_version 0 保存。",
    ),
    "config.busy": (
        "Others save documents of this product at the same time; try again.",
        "该产品的配置正被他人保存,请重试。",
    ),
    "config.checks_busy": (
        "Too many documents are being checked against schemas; try again in a moment.",
        "正在校验的配置过多,请稍后再试。",
    ),
    "config.comment_invalid": (
        "A comment is at most {most} characters, without control characters.",
        "备注最多 {most} 个字符,不含控制字符。",
    ),
    "config.group_of_other_product": (
        "The group has devices of another product than {product_key}.",
        "该分组不属于产品 {product_key}。",
    ),
    "config.json_bom": (
        "The text begins with a byte order mark, which devices stumble over: save the file as UTF-8 without BOM.",
        "文本以 BOM 开头,设备无法解析:请以无 BOM 的 UTF-8 保存文件。",
    ),
    "config.json_colon_expected": (
        "Line {line}, column {column}: after a name comes ':', not {found}.",
        "第 {line} 行第 {column} 列:名称之后应为冒号,而不是 {found}。",
    ),
    "config.json_comma_expected": (
        "Line {line}, column {column}: here comes ',' or '{closing}', not {found}. Is a comma missing before it?",
        "第 {line} 行第 {column} 列:此处应为逗号或 {closing},而不是 {found}。之前是否缺少逗号?",
    ),
    "config.json_comment": (
        "Line {line}, column {column}: JSON has no comments; say it in the comment of the version.",
        "第 {line} 行第 {column} 列:JSON 不支持注释,请写在版本备注中。",
    ),
    "config.json_control_character": (
        (
            "Line {line}, column {column}: a line end, tab or control character ({found}) in a string is written with"
            " a backslash, as \\n or \\t. Or is a quotation mark missing?"
        ),
        "第 {line} 行第 {column} 列:字符串中的换行、制表符或控制字符({found})须转义,如 \\n、\\t。是否缺少引号?",
    ),
    "config.json_empty": (
        "There is nothing: the smallest configuration is {{}}.",
        "内容为空:最小的配置为 {{}}。",
    ),
    "config.json_ends_early": (
        "Line {line}, column {column}: the text ends too early. Is a bracket not closed?",
        "第 {line} 行第 {column} 列:文本提前结束。是否有括号未闭合?",
    ),
    "config.json_escape": (
        "Line {line}, column {column}: {found} means nothing in a string; a backslash itself is written twice.",
        "第 {line} 行第 {column} 列:字符串中的 {found} 无效;反斜杠本身须写两次。",
    ),
    "config.json_lone_surrogate": (
        "Line {line}, column {column}: half of a surrogate pair is no character.",
        "第 {line} 行第 {column} 列:单独的代理项不是字符。",
    ),
    "config.json_name_expected": (
        "Line {line}, column {column}: here comes a name in double quotation marks, not {found}.",
        "第 {line} 行第 {column} 列:此处应为双引号括起的名称,而不是 {found}。",
    ),
    "config.json_name_repeated": (
        (
            "Line {line}, column {column}: the name {name} stands on line {first_line} already; which one"
            " holds, devices would decide differently."
        ),
        "第 {line} 行第 {column} 列:名称 {name} 已在第 {first_line} 行出现;不同设备会取不同的值。",
    ),
    "config.json_not_a_number": (
        "Line {line}, column {column}: JSON has no {found}; leave the value out, or say it as a string.",
        "第 {line} 行第 {column} 列:JSON 不支持 {found};请省略该值或写成字符串。",
    ),
    "config.json_not_object": (
        "Line {line}, column {column}: a configuration is an object: {{…}}.",
        "第 {line} 行第 {column} 列:配置须为对象:{{…}}。",
    ),
    "config.json_number": (
        (
            "Line {line}, column {column}: {found} is no number of JSON, which has no '+' before it, no zeros"
            " before other digits, and digits on both sides of a point."
        ),
        "第 {line} 行第 {column} 列:{found} 不是 JSON 数字:前面不能有 + 或多余的 0,小数点两侧须有数字。",
    ),
    "config.json_number_too_large": (
        "Line {line}, column {column}: the number {found}… is too large for a device's double; say it as a string.",
        "第 {line} 行第 {column} 列:数字 {found}… 超出双精度范围,请写成字符串。",
    ),
    "config.json_single_quotes": (
        "Line {line}, column {column}: JSON takes double quotation marks only, not {found}.",
        "第 {line} 行第 {column} 列:JSON 只用双引号,不用 {found}。",
    ),
    "config.json_string_open": (
        "Line {line}, column {column}: the string that begins here does not end.",
        "第 {line} 行第 {column} 列:从此处开始的字符串没有结束。",
    ),
    "config.json_text_after_end": (
        "Line {line}, column {column}: the object has ended; {found} is too much.",
        "第 {line} 行第 {column} 列:对象已结束,{found} 多余。",
    ),
    "config.json_too_deep": (
        "Line {line}, column {column}: objects and arrays stand in each other at most {most} times.",
        "第 {line} 行第 {column} 列:嵌套最多 {most} 层。",
    ),
    "config.json_trailing_comma": (
        "Line {line}, column {column}: after the last one comes no comma.",
        "第 {line} 行第 {column} 列:最后一项之后不能有逗号。",
    ),
    "config.json_value_expected": (
        (
            "Line {line}, column {column}: here comes a value (object, array, string, number, true, false, null), not"
            " {found}."
        ),
        "第 {line} 行第 {column} 列:此处应为值(对象、数组、字符串、数字、true、false、null),而不是 {found}。",
    ),
    "config.merged_too_large": (
        "Merged with the document of the {about} it has {size_bytes} bytes; devices are given at most {most}.",
        "与 {about} 的配置合并后为 {size_bytes} 字节,最多 {most} 字节。",
    ),
    "config.no_document": ("There is no document to remove ({scope}).", "没有可移除的配置({scope})。"),
    "config.priority_invalid": ("A priority is 0 to {most}.", "优先级为 0 到 {most}。"),
    "config.priority_not_allowed": (
        "Only documents of groups have a priority.",
        "仅分组配置可以设置优先级。",
    ),
    "config.product_document_stays": (
        "The product's document stays: save another one, or switch remote configuration off.",
        "产品配置不能移除:请保存新配置,或关闭远程配置。",
    ),
    "config.schema_broken": (
        "The schema does not allow it at '{pointer}': {reason}",
        "不符合 Schema,位置 '{pointer}':{reason}",
    ),
    "config.schema_dialect": (
        "A schema is written for JSON Schema 2020-12: $schema is {wanted}, or absent.",
        "Schema 须为 JSON Schema 2020-12:$schema 为 {wanted} 或省略。",
    ),
    "config.schema_endless": (
        "The schema refers to itself without end.",
        "Schema 无限引用自身。",
    ),
    "config.schema_invalid": (
        "It is no schema of JSON Schema 2020-12: at '{pointer}': {reason}",
        "不是有效的 JSON Schema 2020-12,位置 '{pointer}':{reason}",
    ),
    "config.schema_reference": (
        "At '{pointer}' the schema refers to {found}; it may refer only to itself, as in #/$defs/port.",
        "位置 '{pointer}' 引用了 {found};只能引用自身,如 #/$defs/port。",
    ),
    "config.schema_too_slow": (
        (
            "Checking against the schema takes too long or too much memory: look for patterns like (a+)+, and for"
            " references that multiply."
        ),
        "按 Schema 校验耗时过长或内存过多:请检查 (a+)+ 之类的 pattern 以及成倍展开的引用。",
    ),
    "config.schema_unchecked": (
        "The document could not be checked against the schema; the log of the server says why.",
        "无法按 Schema 校验配置,详见服务器日志。",
    ),
    "config.too_large": (
        "A configuration has at most {most} bytes in UTF-8, this one has {size_bytes}.",
        "配置最多 {most} 字节(UTF-8),当前为 {size_bytes} 字节。",
    ),
    "config.too_many_groups": (
        "At most {most} groups of a product have a document.",
        "一个产品最多 {most} 个分组有配置。",
    ),
    "config.version_newer": (
        (
            "{created_by} saved version {version} since; yours was made from version {base_version}. Compare"
            " the two, then save on top of version {version}."
        ),
        "{created_by} 已保存版本 {version},而您的修改基于版本 {base_version}。请比较后基于版本 {version} 保存。",
    ),
    "config.version_not_found": ("There is no version {version}.", "没有版本 {version}。"),
    "config.version_removed": (
        "In version {version} the document was removed: there is nothing to restore.",
        "版本 {version} 为移除操作,没有可恢复的内容。",
    ),
}
