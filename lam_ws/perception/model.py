"""SceneNet: an image in; centres of things, kind, colour, offset, height and heading out.

A convolutional network with a coarse context path; 0.1 M parameters. Trained by
lam_ws/train/perception.py; at run time its batch norms are folded into the convolutions.
"""
import torch
from torch import nn, Tensor
from torch.nn import functional as F

STRIDE = 4            # image px for each cell of the output maps
HEIGHT_SCALE = 0.1    # m for each unit of the height map
YAWS = 12             # bins of the heading, modulo half a turn
PARTS = ('cube', 'cylinder', 'bar', 'ball_joint', 'ball_joint_bare', 'tie_rod', 'bearing',
         'pump_body', 'shaft', 'cell', 'busbar', 'carton')
PLACES = ('bin', 'slot', 'nest', 'socket', 'button', 'lever', 'clamp', 'line', 'pad', 'stripe',
          'stripe_end', 'crate')
COLOURS = ('red', 'green', 'blue', 'yellow', 'black', 'white', 'none')
MAPS = {              # channels of the output; a part may lie in the middle of its place
    'part': 1, 'place': 1,                            # logit of a centre being here
    'part_kind': len(PARTS), 'place_kind': len(PLACES),
    'part_colour': len(COLOURS), 'place_colour': len(COLOURS),
    'part_geometry': 3, 'place_geometry': 3,   # offset u, v px from the cell's middle; height
    'part_yaw': YAWS, 'place_yaw': YAWS,
}


class Block(nn.Module):
    """Convolution, norm (until folded) and ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1,
                 dilation: int = 1, norm: bool = True):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, dilation * (kernel // 2), dilation)
        self.norm = nn.BatchNorm2d(outputs) if norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, inputs, h, w] to [B, outputs, h / stride, w / stride]."""
        return F.relu(self.norm(self.conv(x)))

    def fold(self) -> None:
        """Merge the norm's statistics into the convolution."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = nn.utils.fusion.fuse_conv_bn_eval(self.conv.eval(), self.norm.eval())
            self.norm = nn.Identity()


class SceneNet(nn.Module):
    """Image to feature and thing maps.

    Args:
        norm: True while training; False for folded weights.
    """

    def __init__(self, norm: bool = False):
        super().__init__()
        self.stem = Block(3, 16, 5, 2, norm=norm)
        self.fine = Block(16, 32, 3, 2, norm=norm)
        self.coarse = Block(32, 48, 3, 2, norm=norm)
        self.context = nn.ModuleList(Block(48, 48, dilation=d, norm=norm) for d in (1, 2, 3))
        self.lateral = nn.Conv2d(48, 32, 1)
        self.merge = Block(32, 32, norm=norm)
        self.things = nn.Conv2d(32, sum(MAPS.values()), 1)
        nn.init.constant_(self.things.bias[:2], -4.0)   # most cells hold nothing

    def features(self, images: Tensor) -> Tensor:
        """Map images [B, 3, h, w] in 0..1 to features [B, 32, h / 4, w / 4]."""
        fine = self.fine(self.stem(images - 0.5))
        coarse = self.coarse(fine)
        for block in self.context:
            coarse = coarse + block(coarse)
        return self.merge(fine + F.interpolate(self.lateral(coarse), scale_factor=2.0))

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return the maps named in MAPS, each [B, channels, h / 4, w / 4]."""
        maps = torch.split(self.things(self.features(images)), list(MAPS.values()), 1)
        return dict(zip(MAPS, maps, strict=True))


def fold(network: nn.Module) -> None:
    """Fold every batch norm of a network, for faster inference."""
    for module in network.modules():
        if isinstance(module, Block):
            module.fold()
