"""The page of a product: tabs, each in a file of its own."""

from linkops.console import frame
from linkops.console.page import page
from linkops.console.pages.products.about import AboutTab
from linkops.console.pages.products.authorities import AuthoritiesTab
from linkops.console.pages.products.modules import ModulesTab
from linkops.console.pages.products.registration import RegistrationTab
from linkops.console.pages.products.rollouts import RolloutsTab
from linkops.console.pages.products.settings import SettingsTab
from linkops.console.pages.products.topics import TopicsTab
from linkops.console.parts.tabs import Tab, tabs
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.devices.model import AuthType
from linkops.events.actor import Role


@page("/products/{product_key}", n_("Product"))
async def product(product_key: str, tab: str = "") -> None:
    """Show a product."""
    seen = view()
    found = await seen.services.products.get(await seen.act(), product_key)
    frame.heading(found.name, above=((_("Products"), "/products"),))
    parts = {
        "overview": Tab(_("Overview"), AboutTab(found).build),
        "modules": Tab(_("Modules"), ModulesTab(found).build),
        "rollouts": Tab(_("Rules for rollouts"), RolloutsTab(found).build),
    }
    if found.auth_type is AuthType.X509:
        parts["authorities"] = Tab(_("Certificate authorities"), AuthoritiesTab(found).build)
    else:
        parts["registration"] = Tab(_("Registration"), RegistrationTab(found).build)
    parts["topics"] = Tab(_("Custom topics"), TopicsTab(found).build)
    if seen.actor.may(Role.OPERATOR, found.id):
        parts["settings"] = Tab(_("Settings"), SettingsTab(found).build)
    await tabs(parts, tab)
