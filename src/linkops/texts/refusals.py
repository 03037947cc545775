"""What people read when something is refused: a text per code, in English and Chinese.

Texts are filled with the parameters of the refusal. A code without a text here fails a test.
"""

from collections.abc import Mapping
from typing import Any

from linkops.texts.certificates import CERTIFICATE_TEXTS
from linkops.texts.config_pushes import CONFIG_PUSH_TEXTS
from linkops.texts.configuration import CONFIG_TEXTS
from linkops.texts.device_files import DEVICE_FILE_TEXTS
from linkops.texts.device_services import DEVICE_SERVICE_TEXTS
from linkops.texts.events import EVENT_TEXTS
from linkops.texts.gateways import GATEWAY_TEXTS
from linkops.texts.registration import REGISTRATION_TEXTS
from linkops.texts.rollouts import ROLLOUT_TEXTS

LANGUAGES = ("en", "zh")
_MAX_PARAMETER_CHARS = 200

TEXTS: dict[str, tuple[str, str]] = {
    **ROLLOUT_TEXTS,
    **REGISTRATION_TEXTS,
    **DEVICE_SERVICE_TEXTS,
    **EVENT_TEXTS,
    **CONFIG_TEXTS,
    **CONFIG_PUSH_TEXTS,
    **DEVICE_FILE_TEXTS,
    **GATEWAY_TEXTS,
    **CERTIFICATE_TEXTS,
    # The server
    "backup.disk_full": ("The disk that holds backups is nearly full.", "存放备份的磁盘空间不足。"),
    "backup.too_many": (
        "There are {most} backups in {folder}: delete or move old ones on the server's machine.",
        "{folder} 中已有 {most} 个备份:请在服务器上删除或移走旧备份。",
    ),
    "backup.under_way": ("A backup is being made.", "正在备份。"),
    # Access
    "access.role_required": ("This takes the role {role}.", "需要 {role} 角色。"),
    "account.exists": ("There is an account called {name} already.", "账号 {name} 已存在。"),
    "account.grant_repeated": ("A product is named twice.", "同一产品被授权了两次。"),
    "account.last_admin": (
        "{name} is the last administrator of everything and stays so.",
        "{name} 是最后一个管理员,不能移除。",
    ),
    "account.name_invalid": (
        "A name is 1 to 64 letters, digits, '.', '_', '@', '-', the first a letter or digit.",
        "名称为 1 到 64 个字母、数字或 . _ @ -,以字母或数字开头。",
    ),
    "account.not_found": ("There is no account called {name}.", "没有账号 {name}。"),
    "account.too_many_grants": ("An account has at most {most} grants.", "一个账号最多 {most} 项授权。"),
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
    "login.busy": ("Too many people are logging in; try again in a moment.", "登录请求过多,请稍后再试。"),
    "login.refused": (
        "Wrong name or password, or the account is disabled or locked for a while.",
        "名称或密码错误,或账号已停用或暂时锁定。",
    ),
    "password.is_name": ("The password must not be the name.", "密码不能与名称相同。"),
    "password.length": ("A password has {least} to {most} characters.", "密码长度为 {least} 到 {most} 个字符。"),
    "password.must_change": ("Change your password first.", "请先修改密码。"),
    "password.not_repeated": (
        "The new password and its repetition differ; type both again.",
        "两次输入的新密码不一致,请重新输入。",
    ),
    "password.same": ("The new password is the old one.", "新密码与旧密码相同。"),
    "password.wrong": ("The password is wrong, or the account is locked for a while.", "密码错误,或账号暂时锁定。"),
    "setup.closed": (
        "Nothing to set up: the link is not the newest that the server printed, or there is an account already.",
        "无需初始化:该链接不是服务器最近输出的链接,或已存在账号。",
    ),
    "setup.throttled": (
        "Too many wrong links; try again in {retry_after_s} seconds.",
        "错误链接过多,请在 {retry_after_s} 秒后重试。",
    ),
    "token.account_required": ("Only an account can do this.", "只有账号可以执行此操作。"),
    "token.expiry_past": ("A token cannot expire in the past.", "到期时间不能早于现在。"),
    "token.invalid": ("The token is unknown, expired or revoked.", "令牌无效、已过期或已撤销。"),
    "token.missing": (
        "Log in, and send the token as 'Authorization: Bearer …'.",
        "请登录并以 Authorization: Bearer … 发送令牌。",
    ),
    "token.name_invalid": ("A name is 1 to {most} printable characters.", "名称为 1 到 {most} 个可显示字符。"),
    "token.not_found": ("You have no token {id}.", "没有令牌 {id}。"),
    "token.too_many": ("An account has at most {most} tokens.", "一个账号最多 {most} 个令牌。"),
    # Requests
    "idempotency.in_progress": (
        "The first request with this key still runs, or was cut off: see whether it was done, then use another key.",
        "使用此键的首个请求仍在执行或已中断:请先确认结果,再使用新的键。",
    ),
    "idempotency.key_invalid": (
        "A key is 1 to {most} printable ASCII characters.",
        "键为 1 到 {most} 个可显示 ASCII 字符。",
    ),
    "idempotency.other_request": ("This key belongs to another request.", "此键属于另一个请求。"),
    "page.cursor_invalid": ("The cursor is not one that this list gave out.", "游标无效。"),
    "page.limit_invalid": ("A page has 1 to {most} items.", "每页 1 到 {most} 项。"),
    "request.body_unreadable": ("The body could not be read.", "无法读取请求正文。"),
    "request.confirmation_missing": (
        "Repeat {expected} in '{field}' to confirm.",
        "请在 {field} 中重复 {expected} 以确认。",
    ),
    "request.failed": (
        "Something went wrong on our side; the log of the server says what.",
        "服务器内部错误,详见服务器日志。",
    ),
    "request.invalid": ("{field} is not valid.", "{field} 无效。"),
    "request.method_not_allowed": ("This address does not know this method.", "此地址不支持该方法。"),
    "request.not_found": ("There is nothing at this address.", "此地址不存在。"),
    "request.refused": ("The request was refused.", "请求被拒绝。"),
    "request.too_large": ("The body is larger than {max_bytes} bytes.", "请求正文超过 {max_bytes} 字节。"),
    "request.too_slow": ("The body stopped coming.", "请求正文传输中断。"),
    "storage.busy": ("The database has more to do than it can; try again in a moment.", "数据库繁忙,请稍后再试。"),
    "storage.disk_full": ("The disk is nearly full.", "磁盘空间不足。"),
    "storage.stopped": ("The server is stopping.", "服务器正在停止。"),
    "storage.unavailable": ("The database cannot be used now.", "数据库暂时不可用。"),
    "text.too_long": ("{field} is at most {max_chars} characters long.", "{field} 最多 {max_chars} 个字符。"),
    # Registry
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
    # Updates
    "diff.cut_off": (
        "The server was stopped each time that this was made.",
        "制作差分包时服务器多次中断。",
    ),
    "diff.ended": ("This has ended: {status}.", "已结束:{status}。"),
    "diff.failed": ("The patch was not made; the log of the server says why.", "差分包制作失败,详见服务器日志。"),
    "diff.image_damaged": (
        "A stored image is not what was uploaded.",
        "已存储的文件与上传时不一致。",
    ),
    "diff.image_too_large": (
        "The image of the package {package_id} is larger than {max_bytes} bytes.",
        "升级包 {package_id} 的文件超过 {max_bytes} 字节。",
    ),
    "diff.not_found": ("There is no differential package {diff_id} in the making.", "没有差分任务 {diff_id}。"),
    "diff.not_one_whole_file": (
        "The package {package_id} is not a whole one with one file.",
        "升级包 {package_id} 不是单文件整包。",
    ),
    "diff.not_proven": ("The patch did not bring the new image about.", "差分包还原后的文件与新版本不一致。"),
    "diff.not_smaller": ("The patch is not smaller than the image.", "差分包不小于整包。"),
    "diff.other_module": (
        "The packages {from_package_id} and {to_package_id} are not of one module of one product.",
        "升级包 {from_package_id} 与 {to_package_id} 不属于同一产品的同一模块。",
    ),
    "diff.package_gone": ("A package was deleted meanwhile.", "升级包已被删除。"),
    "diff.same_package": ("Name two different packages.", "请指定两个不同的升级包。"),
    "diff.too_many_waiting": ("{most} differential packages are waiting already.", "已有 {most} 个差分任务在排队。"),
    "diff.too_much_memory": (
        "Comparing the images takes more memory than it may (diff_max_memory_bytes).",
        "比较文件所需内存超过限制(diff_max_memory_bytes)。",
    ),
    "diff.took_too_long": (
        "Comparing the images takes longer than it may (diff_timeout_s).",
        "比较文件所需时间超过限制(diff_timeout_s)。",
    ),
    "diff.tool_missing": (
        "This server cannot make differential packages: install linkops[diffs].",
        "此服务器无法制作差分包:请安装 linkops[diffs]。",
    ),
    "diff.waiting_already": (
        "A differential package of this name or between these packages is being made already.",
        "同名或相同升级包之间的差分包正在制作。",
    ),
    "job.cancel_statuses_invalid": ("Name some of the statuses {statuses}.", "请指定以下状态中的若干个:{statuses}。"),
    "job.devices_unknown": ("The product does not have these devices: {names}.", "产品下没有这些设备:{names}。"),
    "job.ended": ("The job has ended: {status}.", "批次已结束:{status}。"),
    "job.names_missing": ("Name the devices.", "请指定设备。"),
    "job.names_not_allowed": ("Devices are named for SPECIFIC targets only.", "仅 SPECIFIC 可以指定设备。"),
    "job.names_repeated": ("A device is named twice.", "设备重复。"),
    "job.not_found": ("There is no job {job_id}.", "没有批次 {job_id}。"),
    "job.rate_invalid": ("A rate is {least} to {most} a minute, or none.", "速率为每分钟 {least} 到 {most},或不限。"),
    "job.source_is_target": ("{version} is the version that the job brings.", "{version} 就是目标版本。"),
    "job.source_versions_invalid": (
        "Name at most {most} different versions of 1 to 64 characters.",
        "最多 {most} 个不同的版本号,每个 1 到 64 个字符。",
    ),
    "job.source_versions_not_allowed": (
        "SPECIFIC and GROUP targets name no versions.",
        "SPECIFIC 与 GROUP 不能指定待升级版本。",
    ),
    "job.timeout_invalid": (
        "A time-out is {least} to {most} seconds, or none.",
        "超时为 {least} 到 {most} 秒,或不限。",
    ),
    "job.too_many_names": ("A job names at most {max_names} devices.", "一个批次最多指定 {max_names} 台设备。"),
    "link.expired": ("The link has expired.", "链接已过期。"),
    "link.gone": ("The file is gone.", "文件已不存在。"),
    "link.invalid": ("The link is not valid.", "链接无效。"),
    "link.too_many": ("Too many files are being sent; try again in a moment.", "下载请求过多,请稍后再试。"),
    "module.alias_invalid": (
        "An alias is at most 64 letters, Chinese characters, digits, '.', '-', '_'.",
        "别名最多 64 个中文、字母、数字或 . - _。",
    ),
    "module.name_invalid": (
        "A module name is 1 to 64 letters, digits, '.', '-', '_'.",
        "模块名称为 1 到 64 个字母、数字或 . - _。",
    ),
    "module.name_is_a_key": (
        "Devices would mistake this name for a key of the message.",
        "设备会把此名称误认为消息中的字段名。",
    ),
    "module.in_use": ("The module {module} still has packages.", "模块 {module} 仍有升级包。"),
    "module.name_reserved": ("Every product has the module {name} already.", "模块 {name} 为每个产品内置。"),
    "module.name_taken": ("The product has a module {name} already.", "产品下已有模块 {name}。"),
    "module.not_found": ("There is no module {module}.", "没有模块 {module}。"),
    "module.too_many": ("A product has at most {most} modules of its own.", "一个产品最多 {most} 个自定义模块。"),
    "ota.no_device_can_upgrade": ("No device can be brought to {version}.", "没有可升级到 {version} 的设备。"),
    "package.diff_from_not_allowed": (
        "A differential package is not made from another one.",
        "差分包不能再用于制作差分包。",
    ),
    "package.file_name_repeated": (
        "Two files have the same name, or one that differs only in case.",
        "文件名重复(不区分大小写)。",
    ),
    "package.file_repeated": ("A file is named twice.", "文件重复。"),
    "package.files_count_invalid": ("A package has 1 to {most} files.", "一个升级包包含 1 到 {most} 个文件。"),
    "package.files_named_twice": ("Name either upload_id or files.", "upload_id 与 files 只能指定其一。"),
    "package.in_use": ("A job of this package still runs.", "该升级包仍有正在执行的批次。"),
    "package.name_invalid": (
        "A package name is 1 to 40 letters, digits, '-', '_', '(', ')', the first a letter or digit.",
        "升级包名称为 1 到 40 个文字、数字或 - _ ( ),以文字或数字开头。",
    ),
    "package.name_taken": ("Another package has this name.", "升级包名称已被使用。"),
    "package.not_found": ("There is no package {package_id}.", "没有升级包 {package_id}。"),
    "package.required_versions_invalid": (
        "Name at most {most} different versions, other than the package's own.",
        "最多 {most} 个不同的版本号,且不能是目标版本。",
    ),
    "package.required_versions_not_allowed": (
        "A differential package is for devices on its source version.",
        "差分包仅适用于其待升级版本。",
    ),
    "package.source_is_target": (
        "{version} is the version that the package brings.",
        "{version} 就是目标版本。",
    ),
    "package.source_version_invalid": (
        "A version that devices report is 1 to {max_chars} printable characters.",
        "设备上报的版本号为 1 到 {max_chars} 个可显示字符。",
    ),
    "package.source_version_not_allowed": (
        "Only a differential package has a source version.",
        "仅差分包有待升级版本号。",
    ),
    "package.too_many": ("The server keeps at most {most} packages.", "服务器最多保存 {most} 个升级包。"),
    "package.version_invalid": (
        "A version is 1 to 64 letters, digits, '.', '-', '_'.",
        "版本号为 1 到 64 个字母、数字或 . - _。",
    ),
    "package.version_is_a_key": (
        "Devices would mistake this version for a key of the message.",
        "设备会把此版本号误认为消息中的字段名。",
    ),
    "package.version_taken": (
        "The module has a package of the version {version} already.",
        "该模块已有版本 {version} 的升级包。",
    ),
    "signing.changed": ("The key was changed meanwhile; try again.", "密钥刚被更换,请重试。"),
    "signing.is_off": ("Packages of the product {product_key} are not signed.", "产品 {product_key} 未启用签名。"),
    "signing.key_in_use": (
        "Packages of the product {product_key} are signed with it: switch that off first.",
        "产品 {product_key} 正在使用该密钥:请先停用签名。",
    ),
    "signing.key_invalid": (
        "This is no RSA private key in PEM without a password.",
        "不是无密码的 PEM 格式 RSA 私钥。",
    ),
    "signing.key_not_found": ("The product {product_key} has no key.", "产品 {product_key} 没有密钥。"),
    "signing.key_size_invalid": ("A key has {least} to {most} bits.", "密钥长度为 {least} 到 {most} 位。"),
    "upload.damaged": (
        "What arrived is not the file that was sent: its SHA-256 is {sha256}. Upload it again.",
        "收到的内容与原文件不一致,其 SHA-256 为 {sha256}。请重新上传。",
    ),
    "upload.incomplete": (
        "The upload is not complete: {have_bytes} bytes have arrived.",
        "上传未完成:已收到 {have_bytes} 字节。",
    ),
    "upload.longer_than_announced": (
        "The file was announced with {size_bytes} bytes, and more have come.",
        "文件声明为 {size_bytes} 字节,实际超出。",
    ),
    "upload.other_offset": (
        "The upload goes on behind its first {have_bytes} bytes.",
        "请从第 {have_bytes} 字节之后继续上传。",
    ),
    "upload.taken_over": ("The upload goes on from elsewhere.", "该上传已在别处继续。"),
    "upload.too_many": (
        "You have {most} uploads that are not finished: go on with them, or delete some.",
        "未完成的上传已达 {most} 个:请继续或删除一些。",
    ),
    "upload.empty": ("The file is empty.", "文件为空。"),
    "upload.file_name_invalid": (
        "A file name is 1 to {max_chars} printable characters without a path.",
        "文件名为 1 到 {max_chars} 个可显示字符,不含路径。",
    ),
    "upload.file_type_invalid": ("A file name ends in one of {suffixes}.", "文件名须以 {suffixes} 之一结尾。"),
    "upload.not_found": ("You have no such upload, or it was deleted meanwhile.", "没有该上传文件,或已被清理。"),
    "upload.too_large": ("A file is at most {max_bytes} bytes.", "文件最大 {max_bytes} 字节。"),
}


def text_of(code: str, params: Mapping[str, Any], language: str) -> str:
    """Return the text of a refusal in ``language`` (one of `LANGUAGES`); parameters come from outside and are cut."""
    template = TEXTS.get(code, TEXTS["request.refused"])[LANGUAGES.index(language)]
    return template.format_map(_Parameters(params))


def language_of(accept_language: str) -> str:
    """Return the one of `LANGUAGES` that an Accept-Language header prefers (RFC 9110 §12.5.4), English if none."""
    best, best_quality = LANGUAGES[0], 0.0
    for part in accept_language[:500].split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        quality = _quality(parameter)
        if language in LANGUAGES and quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _text(value: Any) -> str:
    """Return a parameter as people read it: names of several things one after the other."""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


class _Parameters(dict[str, Any]):
    """Parameters of a text; one that is missing is shown as a blank, not as a failure."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__({name: _text(value)[:_MAX_PARAMETER_CHARS] for name, value in params.items()})

    def __missing__(self, name: str) -> str:
        return "…"
