"""Whether LeRobot itself reads what `lam export --lerobot` writes, and the other way round.

LeRobot cannot share our environment, so this runs in both, and a file goes between:

    python docs/lerobot_readback.py sums DIR --out sums.json       # ours
    python docs/lerobot_readback.py compare DIR --with sums.json   # LeRobot's own, Python 3.12
    python docs/lerobot_readback.py write OTHER                    # LeRobot's own: makes one
    python docs/lerobot_readback.py sums OTHER                     # ours: reads that

`sums` decodes every frame with lam_ws and adds it up; `compare` does so with LeRobotDataset, every
frame by its index as a training does, and says where the two differ. Exit status 1: they do.
docs/results/lerobot_readback.txt is what it printed.
"""
import argparse
import json
from pathlib import Path
import sys
import time

import numpy as np

NUMBERS = ('observation.state', 'action')
PIXEL = 1.0       # mean difference of a picture, of 255, between two decoders of one film


def ours(folder: Path) -> list[dict]:
    """Return the sums of each episode as lam_ws reads it."""
    from lam_ws.dataset.reader import Dataset

    dataset = Dataset(folder)
    rows = []
    for number, episode in enumerate(dataset.episodes()):
        about = dataset.about[number]
        rows.append({
            'length': len(episode.state), 'task': episode.sentence,
            'observation.state': episode.state.sum(0).tolist(),
            'action': episode.action.sum(0).tolist(),
            'intervention': int(episode.intervention.sum()), 'label': about.label,
            'operator': about.operator,
            'pictures': {dataset.info.keys[name]: frames.mean((1, 2, 3)).tolist()
                         for name, frames in episode.frames.items()}})
    return rows


def theirs(folder: Path) -> list[dict]:
    """Return the sums of each episode as LeRobot reads it."""
    import lerobot
    from lerobot.datasets.lerobot_dataset import LeRobotDataset
    import torch

    print(f'lerobot {lerobot.__version__}, torch {torch.__version__}, Python '
          f'{sys.version.split()[0]}')
    dataset = LeRobotDataset('lam_ws/readback', root=folder)
    meta = dataset.meta
    print(f'{meta.total_episodes} episodes, {meta.total_frames} frames, {meta.fps} Hz, '
          f'{meta.total_tasks} sentences, cameras {meta.camera_keys}, '
          f'features {sorted(meta.features)}')
    rows, started = [], time.perf_counter()
    for number in range(meta.total_episodes):
        told = meta.episodes[number]
        frames = [dataset[i] for i in range(told['dataset_from_index'], told['dataset_to_index'])]
        assert all(int(frame['episode_index']) == number for frame in frames)
        rows.append({
            'length': len(frames), 'task': frames[0]['task'],
            **{key: sum(frame[key].double() for frame in frames).tolist() for key in NUMBERS},
            'intervention': sum(bool(frame['intervention']) for frame in frames),
            'label': told['label'], 'operator': told['operator'],
            'pictures': {key: [float(frame[key].double().mean()) * 255 for frame in frames]
                         for key in meta.camera_keys}})
    count = sum(row['length'] for row in rows)
    print(f'{count / (time.perf_counter() - started):.0f} frames a second by LeRobotDataset[i]')
    loader = torch.utils.data.DataLoader(dataset, batch_size=8, shuffle=True)
    batch = next(iter(loader))
    print('a batch:', {key: list(value.shape) for key, value in batch.items()
                       if hasattr(value, 'shape') and value.ndim > 1})
    return rows


def compare(one: list[dict], other: list[dict]) -> list[str]:
    """Return where two lists of sums differ, in words; print how near they are."""
    faults = [] if len(one) == len(other) else [f'{len(one)} and {len(other)} episodes']
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        for key in ('length', 'task', 'intervention', 'label', 'operator'):
            if a[key] != b[key]:
                faults.append(f'episode {number}: {key} {a[key]!r} and {b[key]!r}')
        apart = {key: float(np.abs(np.subtract(a[key], b[key])).max()) for key in NUMBERS}
        apart |= {key: float(np.abs(np.subtract(a['pictures'][key], b['pictures'][key])).max())
                  for key in a['pictures']}
        faults += [f'episode {number}: {key} differs by {value}' for key, value in apart.items()
                   if value > (1e-3 if key in NUMBERS else PIXEL)]
        print(f"episode {number}: {a['length']} frames, {a['task']!r}, label {a['label']!r}; "
              'largest difference ' + ', '.join(f'{key} {value:.2g}'
                                                for key, value in apart.items()))
    return faults


def write(folder: Path) -> None:
    """Let LeRobot write a dataset with two cameras, for us to read."""
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    camera = {'dtype': 'video', 'shape': (48, 64, 3), 'names': ['height', 'width', 'channels']}
    numbers = {'dtype': 'float32', 'shape': (3,), 'names': ['a', 'b', 'c']}
    made = LeRobotDataset.create('lam_ws/written', fps=10, root=folder, robot_type='twin',
                                 features={'observation.state': numbers, 'action': numbers,
                                           'observation.images.top': camera,
                                           'observation.images.side': camera})
    rng = np.random.default_rng(0)
    for number, task in enumerate(('lift the cup', '컵을 들어 줘', 'lift the cup')):
        for step in range(12):
            picture = np.full((48, 64, 3), 40 + 60 * number, np.uint8)
            picture[:, 4 * step:4 * step + 8] = 230
            made.add_frame({'observation.state': rng.normal(size=3).astype(np.float32),
                            'action': rng.normal(size=3).astype(np.float32), 'task': task,
                            'observation.images.top': picture,
                            'observation.images.side': 255 - picture})
        made.save_episode()
    made.finalize()


def main() -> int:
    """Do one step."""
    options = argparse.ArgumentParser(description='Compare how LeRobot and lam_ws read a dataset.')
    options.add_argument('step', choices=('sums', 'compare', 'write'))
    options.add_argument('folder', type=Path)
    options.add_argument('--out', type=Path)
    options.add_argument('--with', dest='other', type=Path)
    given = options.parse_args()
    if given.step == 'write':
        write(given.folder)
        return 0
    if given.step == 'sums':
        rows = ours(given.folder)
        for number, row in enumerate(rows):
            pictures = {key: round(float(np.mean(means)), 3)
                        for key, means in row['pictures'].items()}
            print(f"episode {number}: {row['length']} frames, {row['task']!r}, state "
                  f"{sum(row['observation.state']):.4f}, action {sum(row['action']):.4f}, "
                  f'pictures {pictures}')
        if given.out is not None:
            given.out.write_text(json.dumps(rows))
        return 0
    faults = compare(json.loads(given.other.read_text()), theirs(given.folder))
    print('\n'.join(faults) or 'no difference')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
