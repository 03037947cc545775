"""Everything about certificates of devices, put together."""

from linkops.bus import LocalBus
from linkops.certificates import TrustedClients
from linkops.clock import Clock
from linkops.db import Database
from linkops.devices.certificates.authorities.own import OwnAuthority
from linkops.devices.certificates.authorities.service import Authorities
from linkops.devices.certificates.issuing.many import ManyCertificates
from linkops.devices.certificates.issuing.service import DAY_MS, Issuing, Terms
from linkops.devices.certificates.kicking import Kicking
from linkops.devices.certificates.revoking import Certificates
from linkops.devices.certificates.upkeep.service import Upkeep
from linkops.scheduler import Scheduler
from linkops.secretbox import SecretBox
from linkops.settings import Settings

_TRUST_EVERY_S = 30.0
_EXPIRED_EVERY_S = 60.0
_SELDOM_S = 600.0


class X509:
    """The services about certificates."""

    def __init__(
        self, db: Database, clock: Clock, box: SecretBox, bus: LocalBus, settings: Settings, trusted: TrustedClients
    ) -> None:
        self.own = OwnAuthority(db, clock, box, trusted)
        kicking = Kicking(db, bus)
        terms = Terms(settings.certificate_valid_days, settings.certificate_grace_days)
        self.trusted = trusted
        self.authorities = Authorities(db, clock, box, self.own, trusted, kicking)
        self.certificates = Certificates(db, clock, kicking)
        self.issuing = Issuing(db, clock, self.own, terms)
        self.many = ManyCertificates(db, clock, self.issuing)
        self.upkeep = Upkeep(db, clock, kicking, settings.certificate_warn_days * DAY_MS)

    async def trust(self) -> None:
        """Let the doors ask for certificates of the authorities that there are; before they open."""
        await self.own.trust()

    def start(self, scheduler: Scheduler) -> None:
        """Start everything that happens by itself."""
        # An authority may have been changed by another server on the same database.
        scheduler.every(_TRUST_EVERY_S, "trusted authorities", self.own.trust)
        scheduler.every(_EXPIRED_EVERY_S, "expired certificates", self.upkeep.cut_off_expired)
        scheduler.every(_SELDOM_S, "expiring certificates", self.upkeep.announce_expiring)
        scheduler.every(_SELDOM_S, "certificates of deleted devices", self.upkeep.delete_orphans)
