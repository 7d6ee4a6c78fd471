"""meta/info.json: what a dataset says of itself, written and checked.

An `Info` enters and the file leaves; the file enters and an `Info` leaves, or the name of the
file with what is wrong and how it is mended.
"""
from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

from lam_ws.dataset.dataset import (
    ACTION,
    DATA_PATH,
    ENVIRONMENT,
    FILES_IN_CHUNK,
    IMAGES,
    INDEX,
    INFO,
    Info,
    INTERVENTION,
    STATE,
    VERSION,
    VIDEO_PATH,
)
from lam_ws.embodiment import Embodiment, Picture, Signal
from lam_ws.errors import ConfigurationError

MOST = 256      # numbers in a state or an action


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a file of meta/, replacing it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + '.part')
    part.write_text(json.dumps(value, indent=4, ensure_ascii=False, allow_nan=False) + '\n')
    part.replace(path)


def read_json(path: Path, mend: str) -> dict[str, Any]:
    """Return a file of meta/; `mend` says what to do when it cannot be read."""
    try:
        value = json.loads(path.read_text(encoding='utf-8'))
    except FileNotFoundError:
        raise ConfigurationError(f'is missing; {mend}', path) from None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f'cannot be read ({error}); {mend}', path) from None
    if not isinstance(value, dict):
        raise ConfigurationError(f'must be one JSON object; {mend}', path)
    return value


def write_info(folder: Path, info: Info, tasks: int) -> None:
    """Write meta/info.json of `folder`; `tasks` is the number of sentences."""
    body = info.embodiment
    fps = round(body.rate_hz)
    features: dict[str, Any] = {STATE: _numbers(body.state), ACTION: _numbers(body.action)}
    if info.environment:
        features[ENVIRONMENT] = _numbers(info.environment)
    for camera in body.cameras:
        features[info.keys[camera.name]] = {
            'dtype': 'video', 'shape': [camera.height, camera.width, 3],
            'names': ['height', 'width', 'channels'],
            'info': {'video.height': camera.height, 'video.width': camera.width,
                     'video.codec': 'h264', 'video.pix_fmt': 'yuv420p',
                     'video.is_depth_map': False, 'video.fps': fps, 'video.channels': 3,
                     'has_audio': False}}
    columns = {**({INTERVENTION: 'bool'} if info.led else {}), **INDEX}
    features |= {name: {'dtype': kind, 'shape': [1], 'names': None}
                 for name, kind in columns.items()}
    write_json(folder / INFO, {
        'codebase_version': VERSION, 'robot_type': body.robot or None,
        'total_episodes': info.episodes, 'total_frames': info.frames, 'total_tasks': tasks,
        'chunks_size': FILES_IN_CHUNK, 'data_files_size_in_mb': 100,
        'video_files_size_in_mb': 200, 'fps': fps, 'splits': {'train': f'0:{info.episodes}'},
        'data_path': info.data_path, 'video_path': info.video_path, 'features': features})


def _numbers(signals: tuple[Signal, ...]) -> dict[str, Any]:
    """Return the feature of a row of numbers; units are an addition of ours, under info."""
    return {'dtype': 'float32', 'shape': [len(signals)],
            'names': [signal.name for signal in signals],
            'info': {'units': [signal.unit for signal in signals]}}


def read_info(folder: Path) -> Info:
    """Return what meta/info.json of `folder` says.

    Raises:
        ConfigurationError: It is missing, of another version, or lacks what learning needs.
    """
    path = folder / INFO
    told = read_json(path, f'{folder} must be a dataset in the layout of LeRobot {VERSION}: '
                           'lam data demos --lerobot makes one')
    if told.get('codebase_version') != VERSION:
        raise ConfigurationError(
            f"codebase_version is {told.get('codebase_version')!r}, only {VERSION} can be read; "
            "convert it with LeRobot's convert_dataset_v21_to_v30", path)
    features = told.get('features')
    if not isinstance(features, dict):
        raise ConfigurationError('has no features; record the dataset anew', path)
    keys: dict[str, str] = {}
    cameras = []
    for key, feature in features.items():
        if isinstance(feature, dict) and feature.get('dtype') in ('video', 'image') \
                and not _is_depth(feature):
            camera = _picture(path, key, feature)
            keys[camera.name] = key
            cameras.append(camera)
    if not cameras:
        raise ConfigurationError('has no camera (a feature of dtype video or image); the '
                                 'learners here need at least one', path)
    rate = _positive(path, told, 'fps')
    body = Embodiment(str(told.get('robot_type') or ''), rate,
                      _signals(path, features, STATE), _signals(path, features, ACTION),
                      tuple(cameras))
    for key, message in body.contradictions():
        raise ConfigurationError(f'features {key}: {message}; rename one', path)
    return Info(body, keys, int(_positive(path, told, 'total_episodes')),
                int(_positive(path, told, 'total_frames')),
                _template(path, told, 'data_path', DATA_PATH),
                _template(path, told, 'video_path', VIDEO_PATH),
                _signals(path, features, ENVIRONMENT) if ENVIRONMENT in features else (),
                isinstance(features.get(INTERVENTION), dict)
                and features[INTERVENTION].get('dtype') == 'bool')


def _positive(path: Path, told: Mapping[str, Any], key: str) -> float:
    value = told.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ConfigurationError(f'{key} must be a number greater than 0, found {value!r}; '
                                 'record at least one episode', path)
    return float(value)


def _template(path: Path, told: Mapping[str, Any], key: str, usual: str) -> str:
    """Return a template of paths; one that leads out of the folder is refused."""
    value = told.get(key) or usual
    if not isinstance(value, str) or value.startswith('/') or '..' in value.split('/'):
        raise ConfigurationError(f'{key} must be a path within the dataset, such as {usual}',
                                 path)
    try:
        value.format(video_key='x', chunk_index=0, file_index=0)
    except (KeyError, ValueError, IndexError):
        raise ConfigurationError(f'{key} must be a template such as {usual}', path) from None
    return value


def _is_depth(feature: Mapping[str, Any]) -> bool:
    """Tell whether a camera gives distances; the learners here see colours only."""
    told = {**(feature.get('video_info') or {}), **(feature.get('info') or {})}
    return bool(told.get('video.is_depth_map') or told.get('is_depth_map'))


def _picture(path: Path, key: str, feature: Mapping[str, Any]) -> Picture:
    """Return a camera; its shape stands with the channels first or last."""
    shape = feature.get('shape')
    if not isinstance(shape, list) or len(shape) != 3 or 3 not in (shape[0], shape[2]) \
            or not all(isinstance(size, int) and size > 0 for size in shape):
        raise ConfigurationError(f'features {key}: shape must be [height, width, 3], found '
                                 f'{shape!r}', path)
    height, width = shape[:2] if shape[2] == 3 else shape[1:]
    return Picture(key.removeprefix(IMAGES), width, height)


def _signals(path: Path, features: Mapping[str, Any], key: str) -> tuple[Signal, ...]:
    """Return the names and units of a row of numbers."""
    feature = features.get(key)
    shape = feature.get('shape') if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(shape, list) or len(shape) != 1 \
            or not isinstance(shape[0], int) or not 1 <= shape[0] <= MOST:
        raise ConfigurationError(f'features {key}: must be there with a shape of one number '
                                 f'within 1 .. {MOST}, found {shape!r}; record it under this '
                                 'name', path)
    names = feature.get('names')
    while isinstance(names, dict) and names:
        names = next(iter(names.values()))
    if not isinstance(names, list) or len(names) != shape[0]:
        word = key.rsplit('.', 1)[-1]
        names = [f'{word}_{i}' for i in range(shape[0])]
    units = (feature.get('info') or {}).get('units')
    if not isinstance(units, list) or len(units) != shape[0]:
        units = [''] * shape[0]
    return tuple(Signal(str(name), str(unit)) for name, unit in zip(names, units, strict=True))
