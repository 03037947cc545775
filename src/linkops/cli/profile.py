"""Which server the commands talk to, and as whom: the environment wins over what ``linkops login`` wrote."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

DEFAULT_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Profile:
    """A server and the token for it; both '' in a profile that nobody wrote."""

    url: str = ""
    token: str = ""


def profile_path() -> Path:
    """Return where the profile is kept (XDG Base Directory Specification)."""
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config) / "linkops" / "profile.json"


def load_profile() -> Profile:
    """Return the profile in force; a token of the file goes only to the server that gave it."""
    stored = _stored()
    url = os.environ.get("LINKOPS_URL") or stored.url or DEFAULT_URL
    token = os.environ.get("LINKOPS_TOKEN") or (stored.token if url == (stored.url or DEFAULT_URL) else "")
    return Profile(url.rstrip("/"), token)


def save_profile(profile: Profile) -> Path:
    """Write the profile, readable for its owner only, and return where."""
    path = profile_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(profile), file)
    new.replace(path)
    return path


def forget_profile() -> None:
    """Delete the profile, if there is one."""
    profile_path().unlink(missing_ok=True)


def _stored() -> Profile:
    try:
        stored = json.loads(profile_path().read_text("utf-8"))
        return Profile(str(stored["url"]).rstrip("/"), str(stored["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Profile()
