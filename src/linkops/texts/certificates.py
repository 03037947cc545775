"""What people read when something about certificates is refused; see `linkops.texts.refusals`."""

CERTIFICATE_TEXTS: dict[str, tuple[str, str]] = {
    "authority.changed": (
        "Our authority was replaced meanwhile; try again.",
        "签发机构刚被替换,请重试。",
    ),
    "authority.crl_busy": (
        "A list of revoked certificates is being made; try again in a moment.",
        "正在生成吊销列表,请稍后再试。",
    ),
    "authority.crl_not_made": (
        "The list of revoked certificates could not be made; the server's log says why.",
        "吊销列表生成失败,原因见服务器日志。",
    ),
    "authority.crl_too_large": (
        "More than {most} certificates are revoked; disable the authority instead.",
        "已吊销证书超过 {most} 个,请改为停用该机构。",
    ),
    "authority.exists": (
        "This authority was uploaded already: its fingerprint is {fingerprint}.",
        "该 CA 证书已上传,指纹为 {fingerprint}。",
    ),
    "authority.in_use": (
        "Authority {id} is our own, or devices have used certificates of it. Disable it instead.",
        "CA {id} 为内置 CA 或已有设备使用其证书,请改为停用。",
    ),
    "authority.not_an_authority": (
        "This certificate may not sign others: it needs CA:TRUE, and keyCertSign where there is a keyUsage.",
        "该证书不能签发其他证书:需要 basicConstraints CA:TRUE,且 keyUsage(如有)含 keyCertSign。",
    ),
    "authority.not_found": ("There is no authority {id}.", "没有 CA {id}。"),
    "authority.not_own": (
        "Authority {id} is not ours; whoever has its key makes its list of revoked certificates.",
        "CA {id} 不是内置 CA,其吊销列表由私钥持有者签发。",
    ),
    "authority.not_valid_now": (
        "The certificate of the authority has expired or is not valid yet.",
        "该 CA 证书已过期或尚未生效。",
    ),
    "authority.own": (
        "This is one of this server's own certificates; upload the authority of your devices.",
        "该证书属于本服务器,请上传设备的 CA 证书。",
    ),
    "authority.own_replaced": (
        "Another authority of ours issues by now; only one does.",
        "已有其他内置 CA 在签发,同时只能启用一个。",
    ),
    "authority.proof_invalid": (
        "The verification certificate must have the registration code as its common name, and be valid now.",
        "验证证书的通用名须为注册码,且在有效期内。",
    ),
    "authority.proof_other_key": (
        "The verification certificate was not signed by this authority itself.",
        "验证证书不是由该 CA 直接签发的。",
    ),
    "authority.too_many": ("There are at most {most} authorities.", "最多 {most} 个 CA。"),
    "certificate.bulk_size_invalid": ("Name 1 to {most} certificates.", "请指定 1 到 {most} 个证书。"),
    "certificate.busy": (
        "Others have certificates issued just now; try again in a moment.",
        "正在批量签发证书,请稍后再试。",
    ),
    "certificate.count_invalid": (
        "Name 1 to {most} devices, each once.",
        "请指定 1 到 {most} 台设备,不可重复。",
    ),
    "certificate.device_gone": (
        "A device was deleted meanwhile; nothing was issued.",
        "有设备刚被删除,未签发证书。",
    ),
    "certificate.key_invalid": (
        "The key must be RSA with 2048 to 8192 bits, or on the curve P-256 or P-384.",
        "密钥须为 2048 到 8192 位 RSA,或 P-256、P-384 椭圆曲线。",
    ),
    "certificate.not_found": ("There is no certificate {id}.", "没有证书 {id}。"),
    "certificate.product_not_x509": (
        "Devices of the product {product_key} log in with secrets; certificates are for products of the type x509.",
        "产品 {product_key} 的设备使用密钥认证,证书仅适用于 x509 产品。",
    ),
    "certificate.request_invalid": (
        "This is no certificate request: one in PEM (PKCS #10) is needed.",
        "不是有效的证书请求,需要 PEM 格式的 PKCS #10。",
    ),
    "certificate.request_not_proven": (
        "The request is not signed with the key that it is for.",
        "证书请求的签名与其密钥不符。",
    ),
    "certificate.request_other_name": (
        "The common name of the request is not {device_name}; leave it out or make them agree.",
        "证书请求的通用名不是 {device_name},请去掉或改为一致。",
    ),
    "certificate.unreadable": (
        "This is not one certificate in PEM.",
        "不是单个 PEM 格式的证书。",
    ),
    "certificate.valid_days_invalid": ("A certificate is valid for 1 to {most} days.", "证书有效期为 1 到 {most} 天。"),
}
