"""Texts of refusals about accounts, passwords, tokens and what they allow (see `linkops.texts.refusals`)."""

ACCESS_TEXTS: dict[str, tuple[str, str]] = {
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
}
