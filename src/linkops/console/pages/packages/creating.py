"""Making a package: files are on their way while the rest is filled in."""

from nicegui import ui

from linkops.console import frame
from linkops.console.page import action, page
from linkops.console.pages.packages.custom_info import custom_info_field
from linkops.console.pages.packages.words import COMPRESSIONS, KINDS, SIGN_METHODS, package_path
from linkops.console.parts.choices import drawn
from linkops.console.parts.forms import Form
from linkops.console.parts.links import go
from linkops.console.parts.package_choice import finding_packages
from linkops.console.parts.panels import panel
from linkops.console.parts.product_choice import searched_product
from linkops.console.parts.uploader import Uploader
from linkops.console.texts import _, n_
from linkops.console.view import view
from linkops.errors import Invalid, NotFound, Refused
from linkops.events.actor import Role
from linkops.ota.diffs.model import Compression
from linkops.ota.model import DEFAULT_MODULE, PackageKind, SignMethod
from linkops.ota.names import MAX_DESCRIPTION_CHARS, MAX_REQUIRED_VERSIONS, MAX_VERSION_CHARS
from linkops.ota.packages.creating import NewFile, NewPackage
from linkops.ota.packages.service import PackageFilter
from linkops.texts.refusals import text_of

_FILE_FIELDS = frozenset({"files", "file_name", "upload_id"})
_MAX_NAME_CHARS = 40


@page("/packages/new", n_("New package"), role=Role.OPERATOR)
async def new_package(product: str = "") -> None:
    """Ask for the files and what they are."""
    frame.heading(_("New package"), above=((_("Packages"), "/packages"),))
    await Making().draw(product)


class Making:
    """The form."""

    def __init__(self) -> None:
        self._form = Form()
        self._has_whole = False

    async def draw(self, product: str) -> None:
        """Draw it."""
        with panel(_("Files")):
            self._uploader = Uploader(self._files_changed)
        with ui.element("div").classes("columns"):
            with panel(_("What it is")), ui.element("div").classes("fields"):
                await self._draw_identity(product)
            with panel(_("How devices get it")), ui.element("div").classes("fields"):
                self._draw_delivery()
        with ui.row().classes("page-end"):
            self._create = self._form.button(_("Create the package"), self._make)
            self._wait = ui.label().classes("muted").props("aria-live=polite")
        await self._product_changed()
        self._files_changed()

    async def _draw_identity(self, product: str) -> None:
        form = self._form
        try:
            self._product = await searched_product(_("Product"), product or None, Role.OPERATOR)
        except NotFound:
            self._product = await searched_product(_("Product"), None, Role.OPERATOR)
        form.field("product_key", self._product).on_value_change(action(self._product_changed))
        self._module = form.field("module", ui.select([DEFAULT_MODULE], value=DEFAULT_MODULE, label=_("Module")))
        self._module.on_value_change(action(self._module_changed))
        self._kind = form.field("kind", ui.select(_words(KINDS), value=PackageKind.FULL, label=_("Kind")))
        self._kind.on_value_change(self._kind_changed)
        limit = f"maxlength={MAX_VERSION_CHARS}"
        self._source = form.field("source_version", ui.input(_("Source version, the only one that it is for")))
        self._source.props(limit)
        self._version = form.field("version", ui.input(_("Version that it brings"))).props(limit)
        self._name = form.field("name", ui.input(_("Name of the package"))).props(f"maxlength={_MAX_NAME_CHARS}")
        description = ui.input(_("Description")).props(f"maxlength={MAX_DESCRIPTION_CHARS} counter")
        self._description = form.field("description", description)

    def _draw_delivery(self) -> None:
        form = self._form
        sign = ui.select({str(key): word for key, word in SIGN_METHODS.items()}, value=SignMethod.SHA256)
        sign.props["label"] = _("Digest that devices compare")
        self._sign = form.field("sign_method", sign)
        self._verify = ui.switch(_("Has to be verified on test devices before it goes to many"))
        required = ui.input_chips(_("Only for devices that run one of these versions"), new_value_mode="add-unique")
        required.props(f'max-values={MAX_REQUIRED_VERSIONS} hint="{_("Press Enter after each; empty: any version")}"')
        self._required = form.field("required_versions", required)
        self._custom = custom_info_field(form)
        self._find = finding_packages(self._whole)
        self._diff = form.field("diff_from", drawn(_("Also make a differential package from"), {}, self._find))
        self._diff.props("clearable")
        self._compression = form.field(
            "compression", ui.select(_words(COMPRESSIONS), value=Compression.HEATSHRINK, label=_("Compression"))
        )
        self._diff.on_value_change(self._kind_changed)

    async def _product_changed(self) -> None:
        names = [DEFAULT_MODULE]
        if self._product.value:
            seen = view()
            found = await seen.services.ota.modules.list(await seen.act(), str(self._product.value))
            names = [module.name for module in found]
        self._module.set_options(names, value=self._module.value if self._module.value in names else DEFAULT_MODULE)
        await self._module_changed()

    async def _module_changed(self) -> None:
        """Offer what is known of the module: versions that devices report, and whole packages."""
        versions: list[str] = []
        if self._product.value:
            seen, product, module = view(), str(self._product.value), str(self._module.value)
            reported = await seen.services.ota.statistics.versions(await seen.act(), product, module)
            versions = [share.version for share in reported.table.items]
        self._source.set_autocomplete(versions)
        whole = await self._find("")
        self._has_whole = bool(whole)
        self._diff.set_options(dict(whole), value=None)
        self._kind_changed()

    def _whole(self) -> PackageFilter | None:
        """What a differential package can be made from."""
        key = self._product.value
        module = str(self._module.value)
        return PackageFilter(product_key=key, module=module, kind=PackageKind.FULL, one_file=True) if key else None

    def _kind_changed(self) -> None:
        is_full = self._kind.value == PackageKind.FULL
        self._source.set_visibility(not is_full)
        self._required.set_visibility(is_full)
        self._diff.set_visibility(is_full and self._has_whole and len(self._uploader.files) <= 1)
        self._compression.set_visibility(self._diff.visible and self._diff.value is not None)

    def _files_changed(self) -> None:
        files = self._uploader.files
        waiting = sum(file.state != "done" for file in files)
        self._create.set_enabled(self._uploader.complete)
        if not files:
            self._wait.text = _("Choose the files first.")
        else:
            self._wait.text = _("Not uploaded yet: {files}", files=waiting) if waiting else ""
        self._kind_changed()

    async def _make(self) -> None:
        seen = view()
        if not self._product.value:
            self._product.error = _("Choose the product.")
            return
        try:
            made = await seen.services.ota.packages.create_with_diff(await seen.act(), self._asked())
        except Refused as refused:
            if refused.params.get("field") in _FILE_FIELDS or refused.code == "upload.not_found":
                self._uploader.say(text_of(refused.code, refused.params, seen.language))
                return
            raise _at_its_field(refused) from refused
        go(package_path(made.package.id) if made.diff_id is None else "/console/packages/diffs")

    def _asked(self) -> NewPackage:
        is_full = self._kind.value == PackageKind.FULL
        files = self._uploader.files
        diff_from = self._diff.value if self._diff.visible else None
        return NewPackage(
            product_key=str(self._product.value),
            module=str(self._module.value),
            name=str(self._name.value or "").strip(),
            version=str(self._version.value or "").strip(),
            kind=PackageKind(self._kind.value),
            source_version="" if is_full else str(self._source.value or "").strip(),
            sign_method=SignMethod(self._sign.value),
            needs_verification=bool(self._verify.value),
            required_versions=tuple(self._required.value or ()) if is_full else (),
            description=str(self._description.value or ""),
            custom_info=str(self._custom.value or ""),
            files=tuple(NewFile(file.id, file.told) for file in files),
            diff_from=diff_from,
            compression=Compression(self._compression.value),
        )


_FIELD_OF = {"package.name_taken": "name", "package.version_taken": "version"}


def _at_its_field(refused: Refused) -> Refused:
    """Return the same refusal about the field that it is about, where the service names none."""
    field = _FIELD_OF.get(refused.code)
    return refused if field is None else Invalid(refused.code, **{**refused.params, "field": field})


def _words(words: dict[PackageKind, str] | dict[Compression, str]) -> dict[str, str]:
    return {str(key): _(word) for key, word in words.items()}
