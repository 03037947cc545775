"""Texts of refusals about rollouts (see `linkops.texts.refusals`)."""

ROLLOUT_TEXTS: dict[str, tuple[str, str]] = {
    "device_list.not_for_product": (
        "The list has no device of this product.",
        "该列表中没有此产品的设备。",
    ),
    "device_list.not_found": (
        "You have no list {list_id}, or it was deleted meanwhile.",
        "没有列表 {list_id},或已被清理。",
    ),
    "device_list.too_many": ("A list names at most {max_devices} devices.", "一个列表最多 {max_devices} 台设备。"),
    "job.abort_invalid": (
        "A limit has either a percentage or a number of failures, and counts after at least one device.",
        "中止条件须为失败百分比或失败数量之一,且至少一台设备完成后生效。",
    ),
    "job.cancel_statuses_invalid": ("Name some of the statuses {statuses}.", "请指定以下状态中的若干个:{statuses}。"),
    "job.clone_other_product": ("The package is of another product.", "升级包属于其他产品。"),
    "job.clone_verification": ("A verification is not copied; verify the package again.", "验证批次不能复制。"),
    "job.devices_unknown": ("The product does not have these devices: {names}.", "产品下没有这些设备:{names}。"),
    "job.download_mqtt": (
        "Over MQTT, a package is one file of at most {max_bytes} bytes.",
        "MQTT 下载仅支持单文件,最大 {max_bytes} 字节。",
    ),
    "job.dynamic_exists": (
        "The package has a dynamic job already: {job_id}. Cancel it first.",
        "该升级包已有动态批次 {job_id},请先取消。",
    ),
    "job.dynamic_needs_versions": (
        "A dynamic job names the versions that it looks for, or a group.",
        "动态批次须指定待升级版本或分组。",
    ),
    "job.dynamic_only": ("Only dynamic jobs selected by version have this changed.", "仅按版本的动态批次可修改此项。"),
    "job.dynamic_schedule": (
        "A dynamic job has no schedule and no stages.",
        "动态批次不支持定时与分阶段。",
    ),
    "job.dynamic_targets": ("A dynamic job is for ALL or for a GROUP.", "动态批次仅支持 ALL 或 GROUP。"),
    "job.ended": ("The job has ended: {status}.", "批次已结束:{status}。"),
    "job.finish_invalid": (
        "A job finishes 1 hour to 30 days after it starts.",
        "结束时间须在开始时间 1 小时之后、30 天之内。",
    ),
    "job.finish_without_start": ("A finish time needs a start time.", "设置结束时间须先设置开始时间。"),
    "job.group_disagrees": (
        "The job {job_id} over this group decides otherwise about overwriting and several modules.",
        "该分组的批次 {job_id} 在覆盖升级或多模块设置上不一致。",
    ),
    "job.group_for_group": ("A group is named for GROUP targets, and only for them.", "仅 GROUP 需要指定分组。"),
    "job.group_new_reports": (
        "Devices of a group are selected by what they are, not by new reports.",
        "分组批次不支持仅匹配新上报版本。",
    ),
    "job.group_other_product": ("The group is of another product.", "该分组属于其他产品。"),
    "job.growth_factor": ("A factor is {least} to {most}.", "增长系数为 {least} 到 {most}。"),
    "job.growth_thresholds": (
        "Say after how many notified or succeeded devices the rate grows.",
        "请指定已推送或已成功设备数的阈值。",
    ),
    "job.held": ("The job waits already: {hold}.", "批次已处于等待状态:{hold}。"),
    "job.names_missing": ("Name the devices.", "请指定设备。"),
    "job.names_not_allowed": ("Devices are named for SPECIFIC targets only.", "仅 SPECIFIC 可以指定设备。"),
    "job.names_repeated": ("A device is named twice.", "设备重复。"),
    "job.not_found": ("There is no job {job_id}.", "没有批次 {job_id}。"),
    "job.not_held": ("There is nothing to do: the job's hold is '{hold}'.", "无需操作:批次等待状态为“{hold}”。"),
    "job.notify_timeout_invalid": (
        "The time to the first progress is {least} to {most} seconds, or unlimited.",
        "首次进度超时为 {least} 到 {most} 秒,或不限。",
    ),
    "job.overwrite_and_multi_module": (
        "Overwriting and several modules at once exclude each other.",
        "覆盖升级与多模块同时升级不能同时启用。",
    ),
    "job.own_approval": (
        "Somebody else approves the job {job_id}; the only administrator may override.",
        "批次 {job_id} 须由其他人审批;唯一的管理员可强制通过。",
    ),
    "job.percent_for_gray": ("A percentage is for GRAY targets, and only for them.", "仅 GRAY 需要指定百分比。"),
    "job.percent_invalid": (
        "A percentage is more than 0 and at most 100, with up to three decimals.",
        "百分比大于 0 且不超过 100,最多三位小数。",
    ),
    "job.rate_and_growth": ("Give a rate or a growing rate, not both.", "固定速率与变化速率只能二选一。"),
    "job.rate_invalid": ("A rate is {least} to {most} a minute, or none.", "速率为每分钟 {least} 到 {most},或不限。"),
    "job.rate_type": ("The kind of rate stays what it was when the job was made.", "批次的速率类型不可更改。"),
    "job.regions_for_region": ("Regions are for REGION targets, and only for them.", "仅 REGION 需要指定区域。"),
    "job.regions_invalid": ("Name at most {most} regions, each with a province.", "最多 {most} 个区域,每个须含省份。"),
    "job.retry_after_timeout": (
        "A retry must come before the time-out of {timeout_s} seconds.",
        "重试间隔须小于超时 {timeout_s} 秒。",
    ),
    "job.retry_backoff_invalid": ("The back-off factor is {least} to {most}.", "退避系数为 {least} 到 {most}。"),
    "job.retry_count_invalid": ("There are {least} to {most} retries.", "重试次数为 {least} 到 {most}。"),
    "job.retry_interval_invalid": (
        "The interval of retries is {least} to {most} seconds.",
        "重试间隔为 {least} 到 {most} 秒。",
    ),
    "job.source_is_target": ("{version} is the version that the job brings.", "{version} 就是目标版本。"),
    "job.source_versions_invalid": (
        "Name at most {most} different versions of 1 to 64 characters.",
        "最多 {most} 个不同的版本号,每个 1 到 64 个字符。",
    ),
    "job.source_versions_mismatch": (
        "The package cannot be installed over these versions.",
        "该升级包不适用于所选的待升级版本。",
    ),
    "job.source_versions_not_allowed": (
        "SPECIFIC and GROUP targets name no versions.",
        "SPECIFIC 与 GROUP 不能指定待升级版本。",
    ),
    "job.stages_invalid": (
        "Stages grow, and end at 100 percent at most.",
        "各阶段百分比须递增且不超过 100。",
    ),
    "job.start_invalid": (
        "A job starts 5 minutes to 7 days from now.",
        "开始时间须在 5 分钟之后、7 天之内。",
    ),
    "job.tag_invalid": (
        "A tag's key is 1 to 30 letters, digits, '.'; its value 1 to {max_chars} printable characters.",
        "标签键为 1 到 30 个字母、数字或点;值为 1 到 {max_chars} 个可显示字符。",
    ),
    "job.tags_too_many": (
        "A job has at most {most} tags, {max_chars} characters in all.",
        "批次最多 {most} 个标签,共 {max_chars} 个字符。",
    ),
    "job.timeout_invalid": (
        "A time-out is {least} to {most} seconds, or none.",
        "超时为 {least} 到 {most} 秒,或不限。",
    ),
    "job.too_many_names": ("A job names at most {max_names} devices.", "一个批次最多指定 {max_names} 台设备。"),
    "job.too_many_of_a_kind": ("At most {most} of these.", "最多 {most} 项。"),
    "job.verification_strategy": (
        "A verification is static, starts at once, and has no rate, retries, stages or limits.",
        "验证批次为静态批次,立即开始,不支持速率、重试、分阶段与中止条件。",
    ),
    "job.verified_devices": ("A verification names 1 to {most} devices.", "验证批次须指定 1 到 {most} 台设备。"),
    "job.window_days": ("Days are numbers from 1, Monday, to 7, Sunday.", "星期为 1(周一)到 7(周日)。"),
    "job.window_time": ("A time is HH:MM, as 22:00.", "时间格式为 HH:MM,例如 22:00。"),
    "job.window_zone": ("There is no time zone {zone}.", "没有时区 {zone}。"),
    "task.device_busy": (
        "Another update of the device of task {task_id} is not finished.",
        "任务 {task_id} 的设备有其他未完成的升级。",
    ),
    "task.device_up_to_date": (
        "The device of task {task_id} runs the version already.",
        "任务 {task_id} 的设备已是目标版本。",
    ),
    "task.ids_invalid": ("Name 1 to {most} different tasks.", "请指定 1 到 {most} 个不同的任务。"),
    "task.not_found": ("There is no such task.", "没有该任务。"),
}
