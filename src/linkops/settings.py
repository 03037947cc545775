"""Every setting: name, default, unit and meaning. Read from a TOML file and from ``LINKOPS_…`` in the environment."""

import json
import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def _listed(given: Any) -> Any:
    """Return the parts of a text, as the command line and the environment give lists: JSON, or with commas between."""
    if not isinstance(given, str):
        return given
    return json.loads(given) if given.startswith("[") else [part.strip() for part in given.split(",") if part.strip()]


def _network(text: str) -> str:
    ip_network(text)  # raises ValueError, which names the text
    return text


Port = Annotated[int, Field(ge=0, le=65_535)]
HostPort = Annotated[str, Field(pattern=r"^[A-Za-z0-9.:\[\]-]{1,253}:[0-9]{1,5}$")]
FileSuffix = Annotated[str, Field(pattern=r"^(\.[a-z0-9]+)+$", max_length=16)]
Listed = (NoDecode, BeforeValidator(_listed))
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], *Listed]
FileSuffixes = Annotated[tuple[FileSuffix, ...], *Listed]


class Source(StrEnum):
    """Where the value of a setting comes from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    ARGUMENT = "argument"


class Settings(BaseSettings):
    """All settings; the environment wins over the file."""

    model_config = SettingsConfigDict(env_prefix="LINKOPS_", extra="forbid", frozen=True)
    _sources: dict[str, Source] = PrivateAttr(default_factory=dict)
    _file: Path | None = PrivateAttr(None)

    @property
    def file(self) -> Path | None:
        """The file that settings were read from; None: there is none."""
        return self._file

    def source(self, name: str) -> Source:
        """Return where the value of a setting comes from."""
        return self._sources.get(name, Source.DEFAULT)

    # Storage
    data_dir: Path = Field(Path("linkops-data"), description="Folder of the database, keys, certificates and files")
    database_url: SecretStr | None = Field(None, description="postgresql://…; unset: SQLite in data_dir")
    blob_url: str | None = Field(None, description="Object store of package files, as s3://…; unset: data_dir")
    master_key: SecretStr | None = Field(None, description="64 hexadecimal digits; unset: a key file in data_dir")
    backup_dir: Path | None = Field(None, description="Where the console makes backups; unset: backups in data_dir")
    min_free_disk_bytes: int = Field(256 * 2**20, ge=0, description="Below this much free disk, uploads are refused")

    # Doors
    bind_host: str = Field("127.0.0.1", description="Address that all doors listen on")
    mqtt_port: Port = Field(1883, description="MQTT over TCP and TLS, told apart by the first byte; 0: any free port")
    mqtt_tls_port: Port = Field(8883, description="MQTT over TLS only; 0: any free port")
    http_port: Port = Field(8080, description="REST, files, metrics; 0: any free port")
    https_port: Port | None = Field(None, description="The same over TLS with modern suites; unset: none")
    device_https_port: Port = Field(
        8443, description="HTTPS for devices alone: files, registration, MQTT over WebSocket; 0: any free port"
    )
    bootstrap_mqtt: HostPort | None = Field(
        None, description="HOST:PORT that devices are told at /auth/bootstrap; unset: the host of device_url, our port"
    )
    device_url: str | None = Field(
        None, description="Scheme and host, without a port, of download links; required when not on loopback"
    )
    tls_certificate: Path | None = Field(None, description="PEM chain for devices; unset: a development CA in data_dir")
    tls_private_key: Path | None = Field(None, description="PEM key that belongs to tls_certificate")
    tls_legacy_suites: bool = Field(True, description="Offer the RSA-CBC suites that C device SDKs need")
    trusted_proxies: Networks = Field((), description="Networks whose X-Forwarded-For and -Proto are believed")

    # Console
    console: bool = Field(True, description="Serve the console at /console; without it the server needs 25 MB less")

    # Device hub
    max_connections: int = Field(100_000, ge=1, description="Device connections at once")
    max_packet_bytes: int = Field(262_144, ge=1_024, le=268_435_455, description="Largest MQTT packet from a device")
    connect_timeout_s: float = Field(10.0, gt=0, description="A complete CONNECT must arrive within")
    messages_per_second: int = Field(100, ge=1, description="Per device; more pauses reading")
    bytes_per_second: int = Field(1_048_576, ge=1_024, description="Per device; more pauses reading")
    login_failures: int = Field(5, ge=1, description="Failed logins per address and device before it is throttled")
    login_failure_window_s: int = Field(60, ge=1, description="How long a throttled device is refused")
    max_sub_devices: int = Field(2_000, ge=1, le=2_500, description="Sub-devices of one gateway")
    sub_logins_per_second: int = Field(1_000, ge=1, description="Logins of sub-devices per gateway; more are refused")
    gateway_share: int = Field(
        20, ge=1, description="A gateway with sub-devices online may talk as much as so many devices, at most"
    )
    topology_entries: int = Field(30, ge=1, le=200, description="Sub-devices in one message about topology")
    registrations_per_address: int = Field(
        600, ge=1, description="Registrations tried from one address in a minute before more are refused"
    )
    registrations_per_product: int = Field(
        60_000, ge=1, description="Registrations of a product's devices in a minute before more are refused"
    )
    registering_connections: int = Field(
        1_000, ge=1, description="Connections at once over which devices register; more are refused"
    )
    session_expiry_s: int = Field(7 * 86_400, ge=0, description="How long a persistent session is kept while offline")
    stored_downlinks: int = Field(100, ge=0, description="Messages kept per offline device; the oldest go first")
    certificate_valid_days: int = Field(
        1_825, ge=1, le=10_950, description="How long a device's certificate is valid unless said otherwise"
    )
    certificate_grace_days: int = Field(
        30, ge=0, le=365, description="How long the certificate before it is accepted while a new one was not used"
    )
    certificate_warn_days: int = Field(
        30, ge=0, le=365, description="So long before a certificate expires, applications hear of it"
    )
    certificate_skew_s: int = Field(
        300, ge=0, le=86_400, description="How far in the future the start of a certificate may lie"
    )
    message_log_entries: int = Field(200, ge=1, description="Messages kept per device whose live log is on")

    # OTA
    download_link_s: int = Field(86_400, ge=60, description="How long a device's download link is valid")
    block_cache_bytes: int = Field(
        64 * 2**20, ge=16 * 2**20, description="Memory for files that devices read by blocks over MQTT"
    )
    max_file_bytes: int = Field(1_000 * 2**20, ge=1, description="Largest package file")
    max_packages: int = Field(500, ge=1, description="Packages that the server keeps")
    package_file_suffixes: FileSuffixes = Field(
        (".bin", ".dav", ".tar", ".gz", ".zip", ".gzip", ".apk", ".tar.gz", ".tar.xz", ".pack"),
        min_length=1,
        description="How the name of a package file may end, in lower case",
    )
    upload_keep_s: int = Field(3_600, ge=60, description="An upload that became no package is deleted after")
    unfinished_upload_keep_s: int = Field(
        86_400, ge=60, description="An upload to which nothing more comes is deleted after"
    )

    # Remote configuration
    config_link_s: int = Field(1_800, ge=60, le=86_400, description="How long a link to a configuration is valid")
    config_push_interval_s: int = Field(3_600, ge=0, description="Between two pushes to a product or group; 0: none")
    config_push_once: bool = Field(True, description="Push each document of a product or group only once")

    # Files and logs that devices upload
    max_files_per_device: int = Field(100, ge=1, description="Files of one device, unfinished uploads counted")
    max_file_bytes_per_device: int = Field(
        128 * 2**20, ge=1, description="All files of one device together, unfinished uploads counted"
    )
    max_device_files_bytes: int = Field(10 * 2**30, ge=1, description="All files of all devices together")
    log_entries_per_minute: int = Field(600, ge=1, description="Log entries of one device; more are refused")
    max_log_entries_per_device: int = Field(
        10_000, ge=1, description="Log entries kept per device; the oldest go first"
    )

    # Events to applications
    webhook_allowed_networks: Networks = Field(
        (), description="Private networks that webhooks may lead into; public addresses always, loopback never"
    )
    webhook_timeout_s: float = Field(3.0, gt=0, le=60, description="A webhook's whole request and answer take at most")
    webhook_batch_events: int = Field(100, ge=1, le=1_000, description="Most events in one request to a webhook")
    max_event_streams: int = Field(100, ge=0, description="Live streams of events at once")
    diff_timeout_s: int = Field(1_800, ge=1, description="A differential package must be made within")
    diff_max_memory_bytes: int = Field(
        2 * 2**30, ge=2**28, description="Memory of the process that makes a differential package"
    )

    # Accounts
    session_s: int = Field(12 * 3_600, ge=60, description="How long a login lasts")
    lockout_failures: int = Field(5, ge=1, description="Wrong passwords in a row that lock an account")
    lockout_s: int = Field(300, ge=1, description="How long it stays locked")
    first_admin: Literal["generated", "page"] = Field(
        "generated", description="generated: the first start makes admin; page: whoever follows the link that it prints"
    )

    # Keeping
    keep_tasks_days: int = Field(365, ge=1, description="Tasks of ended jobs")
    keep_config_results_days: int = Field(90, ge=1, description="What became of pushes of configuration")
    keep_audit_days: int = Field(730, ge=1, description="Audit trail")
    keep_events_days: int = Field(30, ge=1, description="Event log")
    keep_device_files_days: int = Field(90, ge=1, description="Files that devices uploaded")
    keep_device_logs_days: int = Field(7, ge=1, description="Log entries that devices uploaded")
    keep_dead_letters_days: int = Field(30, ge=1, description="Events that a webhook did not take")

    # Logs
    log_level: str = Field("info", description="debug, info, warning or error")
    log_json: bool = Field(False, description="One JSON object a line instead of text")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings' interface
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(file: Path | None = None, **given: Any) -> Settings:
    """Return the settings of ``file`` (TOML), the environment and ``given``, the later winning.

    Raises:
        pydantic.ValidationError: when a setting is unknown or out of range.
    """

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    settings = FromFile(**given) if file is not None else Settings(**given)
    settings._file = file  # noqa: SLF001 - ours: pydantic's initializer takes settings only
    settings._sources.update(_sources(file, given))  # noqa: SLF001
    return settings


def _sources(file: Path | None, given: Mapping[str, Any]) -> dict[str, Source]:
    """Return where settings come from that do not have their default; the later winning, as in `Settings`."""
    in_file = tomllib.loads(file.read_text("utf-8")) if file is not None else {}
    prefix = Settings.model_config["env_prefix"]
    in_environment = {name.upper().removeprefix(prefix) for name in os.environ if name.upper().startswith(prefix)}
    return {
        **dict.fromkeys(in_file, Source.FILE),
        **{name: Source.ENVIRONMENT for name in Settings.model_fields if name.upper() in in_environment},
        **dict.fromkeys(given, Source.ARGUMENT),
    }
