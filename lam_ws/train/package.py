"""What a training leaves in models/: weights, a card with their digest, and a learning curve.

A trained model, figures and the log of its run enter; models/<name>/ leaves, complete or not
at all.
"""
from dataclasses import asdict
from itertools import pairwise
import json
from pathlib import Path
from typing import Any

from lam_ws.models import digest
from lam_ws.policy.model import LamNetwork
from safetensors.torch import save_file
from torch import nn
import yaml

LICENCE = 'Apache-2.0'


def package(model: nn.Module, folder: Path, kind: str, arms: tuple[str, ...], description: str,
            figures: dict[str, Any], config: dict[str, Any]) -> None:
    """Write weights and card of `model` into models/<name>."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / 'model.part'
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, part)
    part.chmod(0o644)   # safetensors writes for its owner only
    part.replace(folder / 'model.safetensors')
    card = {'name': folder.name, 'kind': kind, 'weights': 'model.safetensors',
            'sha256': digest(folder / 'model.safetensors'), 'licence': LICENCE,
            'arms': list(arms), 'description': description,
            'figures': {**figures, 'parameters': sum(p.numel() for p in model.parameters())},
            'config': config}
    (folder / 'model.yaml').write_text(yaml.safe_dump(card, sort_keys=False, allow_unicode=True))


def write_config(model: LamNetwork, folder: Path) -> None:
    """Write config.json as transformers reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {'model_type': 'lam', 'architectures': ['LamModel'], **asdict(model.sizes)}
    (folder / 'config.json').write_text(json.dumps(config, indent=2) + '\n')


class Log:
    """The losses of one stage of a training, one JSON line each, kept across resumes.

    Args:
        path: File that grows.
    """

    def __init__(self, path: Path):
        self._path = path

    def add(self, row: dict[str, Any]) -> None:
        """Append one row."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open('a') as file:
            file.write(json.dumps(row) + '\n')

    def rows(self) -> list[dict[str, Any]]:
        """Return what was written so far."""
        if not self._path.exists():
            return []
        return [json.loads(line) for line in self._path.read_text().splitlines()]

    def cpu_s(self) -> float:
        """Return the CPU s of all starts; each counts from 0."""
        return self.total('cpu_s')

    def total(self, name: str) -> float:
        """Return the sum over all starts of what each counts from 0, in s."""
        spent = [*(row[name] for row in self.rows()), 0.0]
        return float(sum(here for here, after in pairwise(spent) if after < here))

    def draw(self, picture: Path) -> None:
        """Draw every loss over the steps."""
        self.draw_all([self], picture)

    @staticmethod
    def draw_all(logs: list['Log'], picture: Path) -> None:
        """Draw every loss of some stages; stages too short to log are left out."""
        from matplotlib.figure import Figure

        stages = [rows for log in logs if (rows := log.rows())]
        if not stages:
            return
        figure = Figure(figsize=(4.5 * len(stages), 3.4), layout='constrained')
        for axes, rows in zip(figure.subplots(1, len(stages), squeeze=False)[0], stages,
                              strict=True):
            for name in rows[0]:
                if name not in ('stage', 'step', 'steps', 'epoch', 'right', 'cpu_s'):
                    axes.plot([row['step'] for row in rows], [row[name] for row in rows],
                              label=name, linewidth=0.9)
            axes.set(title=rows[0]['stage'], xlabel='step', ylabel='loss', yscale='log')
            axes.grid(alpha=0.3)
            axes.legend(fontsize=8)
        figure.savefig(picture, dpi=110)
