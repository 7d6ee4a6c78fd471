"""Serves a LeRobot policy to a lam_ws cell: openpi's protocol around `predict_action_chunk`.

LeRobot cannot share a process with lam_ws (it needs Python 3.12 and another torch), and its own
server unpickles what strangers send. So this file runs alone, in an environment of its own:

    python3.12 -m venv host && host/bin/pip install lerobot==0.6.1 msgpack websockets
    host/bin/python lerobot_host.py CHECKPOINT --fps 30 --joints fr3_joint1:rad ... gripper:m

Observations enter under LeRobot's own names (`observation.state`, `observation.images.front`),
chunks of actions leave. docs/howto_remote_policy.md has the settings of the cell.

Never run by this project: `load`, which is all that touches LeRobot; it was written from
LeRobot's sources. The rest is tested by test/test_lerobot_host.py.
"""
import argparse
from collections.abc import Callable
import hmac
from http import HTTPStatus
import logging
import os
import threading
import time

import msgpack
import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve, Server, ServerConnection

KINDS = ('<f4', '<f8', '|u1', '<i4', '<i8', '|b1')
MAX_FRAME = 16 * 2 ** 20   # bytes
Infer = Callable[[dict, str, bool], np.ndarray]


def pack(table: dict) -> bytes:
    """Return one frame."""
    def form(value: np.ndarray) -> dict:
        return {b'__ndarray__': True, b'data': value.tobytes(), b'dtype': value.dtype.str,
                b'shape': value.shape}
    return msgpack.packb(table, default=form)


def unpack(frame: bytes) -> dict:
    """Return the table in a frame; raises ValueError where there is none."""
    def form(table: dict) -> object:
        if b'__ndarray__' not in table:
            return table
        if table[b'dtype'] not in KINDS:
            raise ValueError('an array of this kind is not taken')
        return np.frombuffer(table[b'data'], table[b'dtype']).reshape(table[b'shape'])
    table = msgpack.unpackb(frame, object_hook=form, max_array_len=256, max_map_len=256)
    if not isinstance(table, dict):
        raise ValueError('a request is a table')
    return table


def load(path: str, device: str) -> tuple[Infer, int, list[str]]:
    """Return how to ask the policy in `path`, the length of its chunks, and what it needs.

    Never run by this project.
    """
    from lerobot.configs.policies import PreTrainedConfig
    from lerobot.policies.factory import get_policy_class, make_pre_post_processors
    from lerobot.policies.utils import prepare_observation_for_inference
    import torch

    config = PreTrainedConfig.from_pretrained(path)
    config.device = device
    policy = get_policy_class(config.type).from_pretrained(path, config=config)
    policy.to(device).eval()
    where = {'device_processor': {'device': device}}
    before, after = make_pre_post_processors(policy.config, pretrained_path=path,
                                             preprocessor_overrides=where,
                                             postprocessor_overrides=where)

    def infer(observation: dict, prompt: str, reset: bool) -> np.ndarray:
        if reset:
            policy.reset()
        own = {key: np.array(value, np.uint8 if 'image' in key else np.float32)
               for key, value in observation.items()}
        with torch.inference_mode():
            batch = before(prepare_observation_for_inference(own, torch.device(device), prompt))
            chunk = policy.predict_action_chunk(batch)
            steps = [after(chunk[:, i]) for i in range(chunk.shape[1])]
        return torch.stack(steps, 1)[0].float().cpu().numpy()
    length = getattr(config, 'n_action_steps', None) or config.chunk_size
    return infer, int(length), list(config.input_features)


def host(infer: Infer, metadata: dict, address: tuple[str, int], key: str | None) -> Server:
    """Return a server that is not yet running; one cell at a time, since there is one policy."""
    if address[0] != '127.0.0.1' and key is None:
        raise SystemExit('other machines need a key: set LAM_SERVE_KEY')
    busy = threading.Lock()

    def admit(peer: ServerConnection, request: object) -> object:
        if request.path == '/healthz':
            return peer.respond(HTTPStatus.OK, 'OK\n')
        given = ''.join(request.headers.get_all('Authorization')).encode('utf-8', 'replace')
        if key is not None and not hmac.compare_digest(given, f'Api-Key {key}'.encode()):
            return peer.respond(HTTPStatus.UNAUTHORIZED, 'a key is needed\n')
        return None

    def converse(peer: ServerConnection) -> None:
        if not busy.acquire(blocking=False):
            peer.close(1013, 'no free connection')
            return
        pursued = None
        try:
            peer.send(pack(metadata))
            for frame in peer:
                try:
                    answer, pursued = reply(infer, unpack(frame), metadata, pursued)
                    peer.send(pack(answer))
                except ConnectionClosed:
                    raise
                except Exception:
                    logging.exception('refused')
                    peer.send('the request was refused; the log of the server says why')
        except ConnectionClosed:
            pass
        finally:
            busy.release()
    return serve(converse, *address, process_request=admit, origins=[None], compression=None,
                 max_size=MAX_FRAME)


def reply(infer: Infer, table: dict, metadata: dict, pursued: str | None) -> tuple[dict, str]:
    """Return the answer to one request, and the prompt it pursues."""
    prompt, needed = table['prompt'], [key for key in metadata['required'] if key != 'prompt']
    reset = table.get('reset', False) or prompt != pursued
    start = time.perf_counter()
    actions = infer({key: table[key] for key in needed}, prompt, reset)
    took_ms = 1000.0 * (time.perf_counter() - start)
    return {'actions': actions[:metadata['horizon']],
            'server_timing': {'infer_ms': took_ms}}, prompt


def main() -> None:
    """Load the policy and serve it until Ctrl-C."""
    options = argparse.ArgumentParser(description='Serve a LeRobot policy to a lam_ws cell.')
    options.add_argument('checkpoint', help='folder with config.json and safetensors')
    options.add_argument('--joints', nargs='+', required=True, metavar='NAME:UNIT',
                         help='what the columns of state and actions are')
    options.add_argument('--fps', type=float, required=True, help='actions a second')
    options.add_argument('--device', default='cpu')
    options.add_argument('--host', default='127.0.0.1')
    options.add_argument('--port', type=int, default=8000)
    given = options.parse_args()
    logging.basicConfig(level=logging.INFO)
    infer, length, needs = load(given.checkpoint, given.device)
    joints = [dict(zip(('name', 'unit'), joint.split(':'), strict=True))
              for joint in given.joints]
    metadata = {'joints': joints, 'horizon': length, 'point_s': 1.0 / given.fps,
                'required': [*needs, 'prompt'], 'optional': ['reset']}
    with host(infer, metadata, (given.host, given.port), os.environ.get('LAM_SERVE_KEY')) as run:
        run.serve_forever()


if __name__ == '__main__':
    main()
