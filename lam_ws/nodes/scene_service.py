"""The services of a simulated cell: laying a scene out anew, and what is truly in it.

For evaluation alone; no policy sees them. A cell enters, two services of a node answer.
"""
from collections.abc import Callable
import json

from lam_interfaces.srv import CellTruth, ResetCell
from lam_ws.errors import LamError, ObservationError
from lam_ws.nodes import nodes
from lam_ws.sim.cell import Cell
from rclpy.node import Node


def serve_scene(node: Node, cell: Cell, staged: Callable[[], None]) -> None:
    """Serve `cell` to whoever evaluates; `staged` is called once another scene stands in it."""
    def reset(request: ResetCell.Request, response: ResetCell.Response) -> ResetCell.Response:
        try:
            cell.stage(_scene_name(request.scene_json) or cell.site.sim.scene)
            cell.reset(request.seed)
            response.truth_json = json.dumps(cell.truth())
            response.success = True
        except LamError as refusal:
            response.message = str(refusal)
            return response
        staged()
        return response

    def truth(request: CellTruth.Request, response: CellTruth.Response) -> CellTruth.Response:
        response.truth_json = json.dumps(cell.truth())
        return response
    node.create_service(ResetCell, nodes.SIM_RESET, reset)
    node.create_service(CellTruth, nodes.SIM_TRUTH, truth)


def _scene_name(text: str) -> str:
    """Return the scene file that a request asks for, '' for the site's own.

    Raises:
        ObservationError: It asks for something else.
    """
    if not text:
        return ''
    try:
        asked = json.loads(text)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or set(asked) != {'scene'} or not isinstance(
            asked['scene'], str) or not asked['scene'].isidentifier():
        raise ObservationError('malformed', 'expected {"scene": "<name in sim/scenes>"}')
    return asked['scene']
