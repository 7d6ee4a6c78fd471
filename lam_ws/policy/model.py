"""The network of the learned policy: small vision-language-action parts on plain torch.

Camera image, joint-derived tool state and a Korean or English sentence enter; where the two
things are that the sentence is about, the next second of tool motion, the next phase and the
probability of being done leave. Four learned parts, each trained by itself:

    text      letters -> embedding, skill, kinds and colours  (what is asked for)
    grounder  image + embedding -> heat maps                  (which thing of the scene that is)
    closeup   a crop of the image + what it shows -> point, height, heading   (where exactly)
    head      tool state + key points + skill + phase -> chunk, phase, done   (what to do next)

The chunk is in tool space; `lam_ws.policy.native` turns it into joint targets with the
kinematics of the arm at hand. `lam_ws.policy.pretrained` is the same network in transformers'
form; it stands apart because importing transformers doubles the start of a node.
"""
from lam_ws.policy.sizes import CROP, Sizes
from lam_ws.policy.skills import SKILLS
from lam_ws.policy.text import TextEncoder
from lam_ws.policy.vocabulary import COLOURS, PARTS, PLACES
import torch
from torch import nn, Tensor
from torch.nn import functional as F

KINDS = PARTS + PLACES
# What text is taught to tell apart; the last of place and destination is 'none'.
ATTRIBUTES = {'skill': len(SKILLS), 'kind': len(KINDS), 'colour': len(COLOURS),
              'place': len(KINDS) + 1, 'destination': len(COLOURS) + 1}
USUAL = Sizes()
ASKED = len(KINDS) + len(COLOURS) + 1   # kind, colour, whether its top is meant
SMALL = 0.02          # m, distances below this are magnified for the head


class Vision(nn.Module):
    """The image tower: features at a quarter of the resolution with a coarse context path."""

    def __init__(self) -> None:
        super().__init__()
        sizes = {'stem': (3, 16, 5, 2), 'fine': (16, 32, 3, 2), 'coarse': (32, 48, 3, 2)}
        self.down = nn.ModuleDict({name: nn.Conv2d(i, o, k, s, k // 2)
                                   for name, (i, o, k, s) in sizes.items()})
        self.context = nn.ModuleList(nn.Conv2d(48, 48, 3, padding=d, dilation=d)
                                     for d in (1, 2, 3))
        self.lateral = nn.Conv2d(48, 32, 1)
        self.merge = nn.Conv2d(32, 32, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """Map images [B, 3, h, w] in 0..1 to features [B, 32, h / 4, w / 4]."""
        fine = F.relu(self.down['fine'](F.relu(self.down['stem'](images - 0.5))))
        coarse = F.relu(self.down['coarse'](fine))
        for layer in self.context:
            coarse = coarse + F.relu(layer(coarse))
        return F.relu(self.merge(fine + F.interpolate(self.lateral(coarse), scale_factor=2.0)))


class Grounder(nn.Module):
    """Features modulated by the sentence (FiLM; Perez et al. 2018), then heat maps."""

    def __init__(self, sizes: Sizes):
        super().__init__()
        width = sizes.channels
        self.spread = nn.Conv2d(32, width, 3, padding=1)
        self.mix = nn.Conv2d(width, width, 1)
        self.film = nn.Linear(sizes.text_size, 4 * width)
        self.maps = nn.Conv2d(width, 2, 1)
        nn.init.constant_(self.maps.bias, -4.0)   # most cells are not what is asked for

    def forward(self, features: Tensor, text: Tensor) -> Tensor:
        """Ground text [B, text_size] in features [B, 32, h, w].

        Returns:
            [B, 2, h, w] logits, where the first and the second thing are.
        """
        scale, shift, scale2, shift2 = self.film(text)[..., None, None].chunk(4, 1)
        x = F.relu(self.spread(features) * (1 + scale) + shift)
        x = F.relu(self.mix(x) * (1 + scale2) + shift2) + x
        maps: Tensor = self.maps(x)
        return maps


class Closeup(nn.Module):
    """A second look at one thing, at the camera's full resolution.

    The point is the mean of a heat map (integral regression; Sun et al. 2018), which is finer
    than its cells.
    """

    def __init__(self, sizes: Sizes):
        super().__init__()
        self.stem = nn.Conv2d(3, 24, 5, 2, 2)
        self.fine = nn.Conv2d(24, 32, 3, padding=1)
        self.down = nn.Conv2d(32, 64, 3, 2, 1)
        self.wide = nn.Conv2d(64, 64, 3, padding=1)
        self.deep = nn.Conv2d(64, 48, 3, 2, 1)
        self.lateral = nn.Conv2d(64, 32, 1)
        self.merge = nn.Conv2d(32, 32, 3, padding=1)
        self.film = nn.Linear(ASKED, 2 * 32 + 2 * 64)
        self.heat = nn.Conv2d(32, 1, 1)
        self.shape = nn.Sequential(nn.Linear(48 * (CROP // 8) ** 2, 96), nn.ReLU(),
                                   nn.Linear(96, 1 + sizes.yaws))
        place = 2.0 * torch.arange(CROP // 2) + 1.0 - CROP / 2   # px from the crop's middle
        self.register_buffer('place', place, persistent=False)

    def forward(self, crops: Tensor, asked: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Look at crops [N, 3, CROP, CROP] 0..1, knowing what they show [N, ASKED].

        Returns:
            [N, 2] px of the point from the crop's middle, [N] its height in HEIGHT_SCALE and
            [N, yaws] logits of its heading.
        """
        scale, shift, scale2, shift2 = self.film(asked)[..., None, None].split([32, 32, 64, 64], 1)
        fine = F.relu(self.fine(F.relu(self.stem(crops - 0.5))) * (1 + scale) + shift)
        wide = F.relu(self.wide(F.relu(self.down(fine))) * (1 + scale2) + shift2)
        shape = self.shape(F.relu(self.deep(wide)).flatten(1))
        merged = F.relu(self.merge(fine + F.interpolate(self.lateral(wide), scale_factor=2.0)))
        share = self.heat(merged)[:, 0].flatten(1).softmax(-1).unflatten(1, (CROP // 2, CROP // 2))
        point = torch.stack([share.sum(1) @ self.place, share.sum(2) @ self.place], -1)
        return point, shape[:, 0], shape[:, 1:]


class Head(nn.Module):
    """The motion head: tool state, key points, skill and phase to the next second of motion."""

    def __init__(self, sizes: Sizes):
        super().__init__()
        self.sizes = sizes
        inputs = 35 + sizes.skills + sizes.phases + 1
        outputs = sizes.horizon * 6 + sizes.phases + 1
        self.layers = nn.Sequential(
            nn.Linear(inputs, sizes.hidden), nn.ReLU(),
            nn.Linear(sizes.hidden, sizes.hidden), nn.ReLU(),
            nn.Linear(sizes.hidden, sizes.hidden), nn.ReLU(),
            nn.Linear(sizes.hidden, outputs))

    def forward(self, state: Tensor, points: Tensor, skill: Tensor, phase: Tensor,
                elapsed: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the chunk, next-phase logits and done logit.

        Args:
            state: [B, 10] tool xyz m, speed m/s, cos and sin of twice its yaw, opening m and
                its speed m/s.
            points: [B, 12] first thing: xyz m, cos and sin of twice its heading, velocity xy
                m/s; second: xyz m, cos and sin of twice its heading.
            skill: [B, skills] one-hot.
            phase: [B, phases] one-hot, what the policy was doing when last asked.
            elapsed: [B] s for which it had been doing that by then.

        Returns:
            [B, H, 6] tool xyz relative to now in m, cos and sin of twice the yaw, opening m;
            [B, phases] logits of the phase now; [B] logit of being done.
        """
        tool, first, second = state[:, :3], points[:, :3], points[:, 7:10]
        way = second - first
        near = (first - tool, second - tool)
        features = torch.cat([
            tool * 2, state[:, 3:6] * 2, state[:, 6:8], state[:, 8:] * 10,
            *(distance * 4 for distance in near),
            *(torch.tanh(distance / SMALL) for distance in near),
            points[:, 3:5], points[:, 5:7] * 10, points[:, 10:12],
            way[:, :2] / (way[:, :2].norm(dim=1, keepdim=True) + 0.01),
            across(way[:, :2], points[:, 10:12]) * 4, way * 4, skill, phase,
            elapsed.clamp(max=2.0)[:, None]], -1)
        out = self.layers(features)
        horizon = self.sizes.horizon
        chunk = out[:, :horizon * 6].unflatten(1, (horizon, 6))
        scale = chunk.new_tensor([0.25, 0.25, 0.25, 1.0, 1.0, 0.05])
        return chunk * scale, out[:, horizon * 6:-1], out[:, -1]


def across(way: Tensor, doubled: Tensor) -> Tensor:
    """Return the part [B, 2] of `way` [B, 2] that runs across a heading.

    Args:
        way: [B, 2] m.
        doubled: [B, 2] cos and sin of twice the heading; which of its ends is ahead is no matter.
    """
    c, s, x, y = doubled[:, 0], doubled[:, 1], way[:, 0], way[:, 1]
    return 0.5 * torch.stack([x - c * x - s * y, y - s * x + c * y], -1)


class LamNetwork(nn.Module):
    """The whole network.

    Args:
        sizes: Its sizes.
    """

    def __init__(self, sizes: Sizes = USUAL):
        super().__init__()
        self.sizes = sizes
        self.text = TextEncoder(sizes.text_width, sizes.text_size)
        self.attributes = nn.ModuleDict({name: nn.Linear(sizes.text_size, count)
                                         for name, count in ATTRIBUTES.items()})
        self.vision = Vision()
        self.grounder = Grounder(sizes)
        self.closeup = Closeup(sizes)
        self.head = Head(sizes)

    def read(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read the sentence ids [1, LENGTH].

        Returns:
            Its embedding [1, text_size], the logits [1, skills] of what is to be done, and
            [2, ASKED] what the first and the second thing look like.
        """
        text = self.text(ids)
        said = {name: layer(text).softmax(-1)[0] for name, layer in self.attributes.items()}
        asked = torch.stack([
            torch.cat([said['kind'], said['colour'], text.new_zeros(1)]),
            torch.cat([said['place'][:-1], said['destination'][:-1], text.new_ones(1)])])
        return text, self.attributes['skill'](text), asked

    def ground(self, images: Tensor, text: Tensor) -> Tensor:
        """Return the heat maps [B, 2, h, w] of text [B, text_size] in images [B, 3, h, w] 0..1."""
        heat: Tensor = self.grounder(self.vision(images), text)
        return heat

