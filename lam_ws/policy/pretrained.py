"""The learned policy in transformers' form: `LamModel.from_pretrained('models/lam_small')`.

A folder of models/ enters, a `PreTrainedModel` leaves; `save_pretrained` writes such a folder.
The stack itself runs the plain network of `lam_ws.policy.model`: the weights are the same.
"""
from dataclasses import asdict, fields

from lam_ws.policy.model import LamNetwork
from lam_ws.policy.sizes import Sizes
from torch import nn, Tensor
from transformers import PretrainedConfig, PreTrainedModel


class LamConfig(PretrainedConfig):
    """`Sizes` as a transformers configuration; unknown keys go to the base class."""

    model_type = 'lam'

    def __init__(self, **kwargs: object):
        for name, value in asdict(Sizes()).items():
            setattr(self, name, kwargs.pop(name, value))
        super().__init__(**kwargs)

    def sizes(self) -> Sizes:
        """Return the network's own view of this configuration."""
        return Sizes(**{field.name: getattr(self, field.name) for field in fields(Sizes)})


class LamModel(PreTrainedModel):
    """`LamNetwork` with transformers' loading and saving."""

    config_class = LamConfig

    def __init__(self, config: LamConfig):
        super().__init__(config)
        for name, part in LamNetwork(config.sizes()).named_children():
            self.add_module(name, part)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Keep torch's own initialisation."""

    def ground(self, images: Tensor, text: Tensor) -> Tensor:
        """Return the heat maps [B, 2, h, w] of text [B, text_size] in images [B, 3, h, w] 0..1."""
        heat: Tensor = self.grounder(self.vision(images), text)
        return heat
