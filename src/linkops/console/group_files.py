"""Lists of devices for groups, with the browser's cookie."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from linkops.console.requests import actor_of, arriving, status_of
from linkops.console.state import console
from linkops.console.visitors import preferences_of
from linkops.devices.groups.members.rows import MemberResult
from linkops.errors import Refused
from linkops.texts.refusals import text_of

router = APIRouter()
_LINES_TOLD = 100


@router.post("/groups/{group_id}/members.csv")
async def receive_members(request: Request, group_id: int) -> Response:
    """Put the devices of a list into a group; answers how many lines were good, and what is wrong with the others."""
    language = preferences_of(request).language
    told: dict[str, Any] = {"added": 0, "refused": 0, "lines": []}
    try:
        actor = await actor_of(request)
        async for result in console().services.member_imports.run(actor, group_id, arriving(request)):
            _tell(told, result, language)
    except Refused as refused:
        # Lines before this one are members: what became of them is told as well.
        problem = text_of(refused.code, refused.params, language)
        return JSONResponse({**(told if told["added"] else {}), "problem": problem}, status_of(refused))
    return JSONResponse(told)


def _tell(told: dict[str, Any], result: MemberResult, language: str) -> None:
    if result.code is None:
        told["added"] += 1
        return
    told["refused"] += 1
    if len(told["lines"]) < _LINES_TOLD:
        device = f"{result.product_key}/{result.device_name}" if result.product_key else result.device_name
        why = text_of(result.code, {"device": device, "product_key": result.product_key}, language)
        told["lines"].append({"line": result.line, "device": device, "why": why})
