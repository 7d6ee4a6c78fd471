"""NameNet: a crop around something that was found in; what it is and where exactly out.

SceneNet says in which cell of its map something has its centre, at a quarter of the camera's
resolution. This looks at all of the pixels around it. Trained by lam_ws/train/naming.py.
"""
from lam_ws.perception.model import Block, COLOURS, PARTS, PLACES, SceneNet
from torch import nn, Tensor

CROP = 40            # image px, width and height of a crop
SHAPE = 3            # point u, v px from the crop's middle, in POINT_SCALE; height
POINT_SCALE = 4.0    # px
GROUPS = {'part': PARTS, 'place': PLACES}
SAYS = max(map(len, GROUPS.values())) + len(COLOURS) + SHAPE


class NameNet(nn.Module):
    """Crops to kind, colour, point and height, for a part and for a place at that point.

    Args:
        norm: True while training; False for folded weights.
    """

    def __init__(self, norm: bool = False):
        super().__init__()
        self.layers = nn.Sequential(
            Block(3, 24, 5, 2, norm=norm), Block(24, 32, 3, 2, norm=norm),
            Block(32, 64, 3, 2, norm=norm), Block(64, 48, norm=norm), nn.Flatten(),
            nn.Linear(48 * (CROP // 8) ** 2, 96), nn.ReLU(),
            nn.Linear(96, len(GROUPS) * SAYS))

    def forward(self, crops: Tensor) -> Tensor:
        """Map crops [N, 3, CROP, CROP] in 0..1 to [N, 2, SAYS], if it is a part, if a place."""
        said: Tensor = self.layers(crops - 0.5).unflatten(1, (len(GROUPS), SAYS))
        return said


def split(said: Tensor, group: str) -> tuple[Tensor, Tensor, Tensor]:
    """Return kind logits [N, kinds], colour logits [N, colours] and shape [N, 3] of a group.

    Args:
        said: [N, 2, SAYS] of NameNet.
        group: 'part' or 'place'.
    """
    row = said[:, list(GROUPS).index(group)]
    kinds = len(GROUPS[group])
    return (row[:, :kinds], row[:, kinds:kinds + len(COLOURS)], row[:, -SHAPE:])


class SceneModel(nn.Module):
    """Both networks of perception: what finds, and what names.

    Attributes:
        scene: SceneNet.
        names: NameNet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scene, self.names = SceneNet(), NameNet()
