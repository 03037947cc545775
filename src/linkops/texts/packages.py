"""Texts of refusals about packages: their files, modules, signatures and diffs (see `linkops.texts.refusals`)."""

PACKAGE_TEXTS: dict[str, tuple[str, str]] = {
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
    "package.not_verifiable": (
        "The package is {status}: there is nothing to verify.",
        "升级包状态为 {status},无需验证。",
    ),
    "package.not_verified": (
        "The package is {status}; verify it first.",
        "升级包状态为 {status},请先验证。",
    ),
    "package.verifying": (
        "The package is being verified by the job {job_id}.",
        "升级包正在由批次 {job_id} 验证。",
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
