"""Custom topics of a product: where its devices may publish and subscribe."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from linkops.api.auth import Admin, Viewer
from linkops.api.paging import Shown
from linkops.api.rest.devices import Word
from linkops.api.rest.products import ProductKey
from linkops.api.services import Called
from linkops.devices.topics.model import MAX_RULES, Access, TopicRule

router = APIRouter(prefix="/api/v1/products/{product_key}/topics", tags=["products"])


class TopicShown(Shown):
    """What devices may do on some of their custom topics."""

    path: Word = Field(description="What follows `/{product_key}/{device_name}/user/`; `+` is any level, `#` the rest.")
    access: Access


class TopicList(BaseModel):
    """All rules of a product; where there are none, everything below `user/` is open to its devices."""

    rules: list[TopicShown] = Field(max_length=MAX_RULES)


@router.get("")
async def list_topics(product_key: ProductKey, actor: Viewer, services: Called) -> TopicList:
    """List where a product's devices may publish and subscribe below `user/`."""
    return _shown(await services.topics.of(actor, product_key))


@router.put("")
async def replace_topics(product_key: ProductKey, topics: TopicList, actor: Admin, services: Called) -> TopicList:
    """Replace the rules of a product. Connected devices are held to the new ones at once."""
    rules = [TopicRule(rule.path, rule.access) for rule in topics.rules]
    return _shown(await services.topics.replace(actor, product_key, rules))


def _shown(rules: list[TopicRule]) -> TopicList:
    return TopicList(rules=[TopicShown.model_validate(rule) for rule in rules])
