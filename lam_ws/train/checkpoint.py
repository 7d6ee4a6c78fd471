"""Checkpoints of a running training: safetensors and JSON only, replaced atomically."""
import json
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
import torch
from torch import nn, Tensor


def save_weights(model: nn.Module, path: Path, **metadata: str) -> None:
    """Write a model's weights as safetensors, replacing `path` at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix('.part')
    save_file({name: value.contiguous() for name, value in model.state_dict().items()},
              part, metadata)
    part.replace(path)


class Checkpoint:
    """The state of one training run: model, optimiser and schedule.

    Args:
        path: Where it is kept; a second file with suffix .json holds the scalars.
        model: The model in training.
        optimiser: An AdamW optimiser.
        schedule: Its learning rate schedule.
    """

    def __init__(self, path: Path, model: nn.Module, optimiser: torch.optim.Optimizer,
                 schedule: torch.optim.lr_scheduler.LRScheduler):
        self.path, self.model, self.optimiser, self.schedule = path, model, optimiser, schedule

    def save(self, epoch: int) -> None:
        """Write everything needed to go on after `epoch` epochs."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        tensors = {f'model.{name}': value.contiguous()
                   for name, value in self.model.state_dict().items()}
        for index, state in self.optimiser.state_dict()['state'].items():
            tensors |= {f'optimiser.{index}.{name}': value.contiguous()
                        for name, value in state.items()}
        groups = [{'lr': group['lr'], 'betas': group['betas']}
                  for group in self.optimiser.param_groups]   # a schedule moves both
        scalars = {'epoch': str(epoch), 'groups': json.dumps(groups),
                   'schedule': json.dumps(_plain(self.schedule.state_dict()))}
        part = self.path.with_suffix('.part')
        save_file(tensors, part, scalars)
        part.replace(self.path)

    def resume(self) -> int:
        """Load the newest state if there is one; return the number of finished epochs."""
        if not self.path.exists():
            return 0
        tensors = load_file(self.path)
        self.model.load_state_dict(_under(tensors, 'model.'))
        groups = self.optimiser.state_dict()
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in _under(tensors, 'optimiser.').items():
            index, key = name.split('.', 1)
            state.setdefault(int(index), {})[key] = value
        self.optimiser.load_state_dict({'state': state, 'param_groups': groups['param_groups']})
        scalars = _metadata(self.path)
        self.schedule.load_state_dict(self.schedule.state_dict() | json.loads(scalars['schedule']))
        for group, kept in zip(self.optimiser.param_groups, json.loads(scalars['groups']),
                               strict=True):
            group['lr'], group['betas'] = kept['lr'], tuple(kept['betas'])
        return int(scalars['epoch'])


def weights_of(path: Path) -> dict[str, Tensor]:
    """Return the model's weights of a checkpoint."""
    return _under(load_file(path), 'model.')


def _plain(state: dict[str, Any]) -> dict[str, Any]:
    """Return the entries of a schedule's state that JSON can hold."""
    return {key: value for key, value in state.items()
            if isinstance(value, (int, float, list)) and not key.startswith('_schedule')}


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix):]: value for name, value in tensors.items()
            if name.startswith(prefix)}


def _metadata(path: Path) -> dict[str, str]:
    from safetensors import safe_open
    with safe_open(path, 'pt') as file:
        return dict(file.metadata())
