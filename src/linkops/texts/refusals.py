"""What people read when something is refused: a text per code, in English and Chinese.

Texts are filled with the parameters of the refusal. A code without a text here fails a test.
"""

from collections.abc import Mapping
from typing import Any

from linkops.texts.access import ACCESS_TEXTS
from linkops.texts.certificates import CERTIFICATE_TEXTS
from linkops.texts.config_pushes import CONFIG_PUSH_TEXTS
from linkops.texts.configuration import CONFIG_TEXTS
from linkops.texts.device_files import DEVICE_FILE_TEXTS
from linkops.texts.device_services import DEVICE_SERVICE_TEXTS
from linkops.texts.events import EVENT_TEXTS
from linkops.texts.gateways import GATEWAY_TEXTS
from linkops.texts.packages import PACKAGE_TEXTS
from linkops.texts.registration import REGISTRATION_TEXTS
from linkops.texts.registry import REGISTRY_TEXTS
from linkops.texts.rollouts import ROLLOUT_TEXTS

LANGUAGES = ("en", "zh")
_MAX_PARAMETER_CHARS = 200

TEXTS: dict[str, tuple[str, str]] = {
    **ACCESS_TEXTS,
    **REGISTRY_TEXTS,
    **PACKAGE_TEXTS,
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
    # Requests of any kind
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
