"""Texts of refusals about registration and bootstrap (see `linkops.texts.refusals`)."""

REGISTRATION_TEXTS: dict[str, tuple[str, str]] = {
    "bootstrap.device_away": (
        "{device} is not online; it asks where to connect when it starts.",
        "设备 {device} 不在线,其启动时会自行查询接入点。",
    ),
    "registration.certificates": (
        "Devices of {product_key} log in by certificates; only products of the type 'secret' have registration.",
        "产品 {product_key} 使用证书认证,无需动态注册;请创建认证方式为 secret 的产品。",
    ),
}
