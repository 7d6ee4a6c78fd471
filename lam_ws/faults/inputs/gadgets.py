"""Files that run a program when they are unpickled, handed to everything that opens a model.

A marker's path enters; some two dozen files leave whose only purpose is to make that marker, in
each wrapping in which weights are passed around. They are written byte by byte from the opcodes
of the format: this project unpickles nothing, and pickles nothing either.
"""
from collections.abc import Callable, Iterator, Mapping
from functools import partial
import hashlib
import io
import json
import math
from pathlib import Path
import tarfile
import tempfile
import zipfile
import zlib

from lam_ws.configuration import load
from lam_ws.errors import LamError
from lam_ws.faults.faults import Case, Seen
from lam_ws.models import check_weights, ModelCard

CARD = """name: {name}
kind: policy
weights: {weights}
sha256: {sha256}
licence: none
"""
TAGGED = 'name: !!python/object/apply:os.system ["touch {marker}"]\n'
CODE = {'model_type': 'gadget', 'architectures': ['Gadget'],
        'auto_map': {'AutoConfig': 'gadget.Gadget', 'AutoModelForCausalLM': 'gadget.Gadget',
                     'AutoTokenizer': 'gadget.Gadget'}}
SUFFIXES = ('pkl', 'pickle', 'pt', 'pth', 'bin', 'ckpt', 'npy', 'npz', 'h5', 'joblib')


def pickles(marker: Path) -> Mapping[str, bytes]:
    """Return pickle streams that make `marker` when somebody loads them, by how they do it."""
    shell, code = f'touch {marker}', f'open({str(marker)!r}, "w").close()'
    text, long = shell.encode(), len(shell.encode()).to_bytes(4, 'little')
    return {
        'reduce': b"cposix\nsystem\n(S'" + text + b"'\ntR.",
        'reduce 2': b'\x80\x02cposix\nsystem\nX' + long + text + b'\x85R.',
        'stack global': b'\x80\x04\x8c\x05posix\x8c\x06system\x93X' + long + text + b'\x85R.',
        'inst': b"(S'" + text + b"'\niposix\nsystem\n.",
        'obj': b"(cposix\nsystem\nS'" + text + b"'\no.",
        'exec': b'\x80\x02cbuiltins\nexec\nX' + len(code.encode()).to_bytes(4, 'little')
                + code.encode() + b'\x85R.',
        'eval': b'\x80\x02cbuiltins\neval\nX' + len(code.encode()).to_bytes(4, 'little')
                + code.encode() + b'\x85R.',
        'popen': b'\x80\x02csubprocess\ncall\n](X\x05\x00\x00\x00touchX'
                 + len(str(marker)).to_bytes(4, 'little') + str(marker).encode() + b'e\x85R.',
        'memo': b'\x80\x02cposix\nsystem\nq\x00X' + long + text + b'q\x01\x85q\x02Rq\x03.',
        'in a table': b'\x80\x02}X\x01\x00\x00\x00wcposix\nsystem\nX' + long + text
                      + b'\x85Rs.',
    }


def wrapped(stream: bytes) -> Mapping[str, bytes]:
    """Return a pickle stream in the wrappings of weights: torch's, numpy's, archives."""
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b'\n'
    array = b'\x93NUMPY\x01\x00' + len(header).to_bytes(2, 'little') + header + stream
    table = json.dumps({'w': {'dtype': 'F32', 'shape': [len(stream)], 'data_offsets': [
        0, len(stream)]}}).encode()
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode='w') as archive:
        archive.addfile(_member(stream), io.BytesIO(stream))
    return {
        'torch': _zip({'archive/data.pkl': stream, 'archive/version': b'3\n'}),
        'old torch': b'\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.' + stream,
        'npy': array, 'npz': _zip({'w.npy': array}), 'zlib': zlib.compress(stream),
        'tar': tar.getvalue(), 'safetensors': len(table).to_bytes(8, 'little') + table + stream,
    }


def _member(stream: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo('pickle')
    member.size = len(stream)
    return member


def _zip(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, 'w') as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def attempts(folder: Path, marker: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is tried, and the call that opens it as the stack would; all must refuse."""
    streams = pickles(marker)
    for how, stream in [*streams.items(), *wrapped(streams['exec']).items()]:
        yield f'weights: {how}', partial(_open_weights, folder, stream)
        yield f'frame: {how}', partial(_open_frame, stream)
    for suffix in SUFFIXES:
        text = CARD.format(name='gadget', weights=f'model.{suffix}', sha256='0' * 64)
        yield f'weights named .{suffix}', partial(_open_card, folder, text)
    yield 'card with a tag', lambda: _open_card(folder, TAGGED.format(marker=marker))
    yield 'config.json', lambda: _open_weights(folder, b'', streams['exec'])
    yield 'graph', lambda: _open_graph(streams['exec'])
    yield 'language model of pickles', lambda: _open_language_model(
        folder / 'a', {'config.json': b'{"model_type": "gpt2"}',
                       'pytorch_model.bin': wrapped(streams['exec'])['torch'],
                       'model.safetensors': streams['exec']})
    yield 'language model with code', lambda: _open_language_model(
        folder / 'b', {'config.json': json.dumps(CODE).encode(), 'model.safetensors': b'',
                       'gadget.py': f'open({str(marker)!r}, "w").close()\n'.encode()})


def _open_card(folder: Path, text: str) -> ModelCard:
    (folder / 'model.yaml').write_text(text)
    return load(folder / 'model.yaml', ModelCard)


def _open_weights(folder: Path, content: bytes, config: bytes | None = None) -> object:
    """Open weights whose card vouches for them: the digest is right, what they are is not."""
    from lam_ws.policy.network import load_model
    (folder / 'model.safetensors').write_bytes(content)
    sizes = json.dumps({'text_width': 8, 'text_size': 8, 'channels': 8, 'yaws': 4, 'horizon': 2,
                        'phases': 4, 'skills': 2, 'hidden': 8, 'camera': 'front'}).encode()
    (folder / 'config.json').write_bytes(sizes if config is None else config)
    card = _open_card(folder, CARD.format(name='gadget', weights='model.safetensors',
                                          sha256=hashlib.sha256(content).hexdigest()))
    check_weights(folder, card)
    return load_model(folder, card.weights)


def _open_frame(content: bytes) -> object:
    from lam_ws.policy.wire import decode
    return decode(content)


def _open_graph(content: bytes) -> object:
    from lam_ws.policy.onnx import OnnxPasses
    from lam_ws.policy.sizes import Sizes
    return OnnxPasses({'text': content}, Sizes())


def _open_language_model(folder: Path, files: Mapping[str, bytes]) -> object:
    from lam_ws.grounding.proposing.local import LocalModel
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return LocalModel(folder)


def refuse(case: Case, phase: str, seed: int) -> Seen:
    """Hand every gadget to what would open it; each must be refused, and none may have run."""
    tried, wrong = 0, []
    with tempfile.TemporaryDirectory() as scratch:
        folder, marker = Path(scratch) / 'gadget', Path(scratch) / 'it_ran'
        folder.mkdir()
        for what, call in attempts(folder, marker):
            tried += 1
            try:
                call()
                wrong.append(f'{what} was accepted')
            except LamError:
                pass
            except Exception as error:   # neither refused nor run: a crash
                wrong.append(f'{what}: {type(error).__name__}: {str(error)[:80]}')
            if marker.exists():
                wrong.append(f'{what} WAS EXECUTED')
                marker.unlink()
    return Seen(f'{tried} gadgets: {tried - len(wrong)} refused, {len(wrong)} not'
                + (f', such as {wrong[0]}' if wrong else ', none executed'),
                math.inf if wrong else 0.0, not wrong)
