"""What people read when something about files of devices is refused; see `linkops.texts.refusals`."""

DEVICE_FILE_TEXTS: dict[str, tuple[str, str]] = {
    "device_file.bulk_size_invalid": ("Name 1 to {most} files.", "请指定 1 到 {most} 个文件。"),
    "device_file.filter_needs_product": (
        "A device is named together with its product: add product_key.",
        "按设备筛选须同时指定产品 product_key。",
    ),
    "device_file.gone": ("The file was deleted meanwhile.", "该文件已被删除。"),
    "device_file.not_found": ("There is no file {id}.", "没有文件 {id}。"),
}
