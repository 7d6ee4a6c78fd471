"""`lam export --onnx`: a learned policy as graphs that run without torch.

A model and a site, whose camera gives the size of its images, enter; .onnx files and a manifest
with their digests leave. `--measure` also compares what a chunk costs in both forms. Recordings
become a dataset with `lam export --lerobot`, in `lam_ws.verbs.data.exporting`.
"""
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from lam_ws.site import load_site
from lam_ws.verbs import clean_stdout, parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Export one model, or recordings."""
    if any(word.split('=')[0] == '--lerobot' for word in arguments):
        return int(import_module('lam_ws.verbs.data.exporting').main(arguments))
    options = parser('export', 'Write a model in a form that other programs run; '
                     'lam export --lerobot RECORDINGS --out DIR writes a dataset, see its --help.')
    options.add_argument('--onnx', action='store_true', required=True,
                         help='as ONNX graphs, for a policy of backend onnx')
    options.add_argument('--model', default='lam_small', help='folder in models/')
    options.add_argument('--site', default='sim_bench',
                         help='site whose arm and camera it is for')
    options.add_argument('--out', type=Path, help='folder (default: out/onnx/MODEL; a policy '
                         'looks there and in models/MODEL/onnx)')
    options.add_argument('--measure', action='store_true',
                         help='also measure a chunk in torch and in ONNX Runtime')
    given = options.parse_args(arguments)
    site = load_site(given.site)
    from lam_ws.policy.export import export
    from lam_ws.policy.exported import GRAPHS, places
    folder = given.out or places(given.model)[1]
    if given.measure and given.out is not None:
        options.error('--measure loads a policy, which looks in the default folder only')
    with clean_stdout():
        manifest, sizes = export(given.model, site, folder)
        costs = _costs(given.site, given.model) if given.measure else {}
    if given.json:
        files = {f'{name}.onnx': {'sha256': getattr(manifest.onnx, name),
                                  'bytes': sizes[f'{name}.onnx']} for name in GRAPHS}
        print_json({'model': given.model, 'folder': str(folder), 'opset': manifest.opset,
                    'image': [manifest.width, manifest.height], 'onnx': files, **costs})
    else:
        for name, size in sizes.items():
            print(f'{folder / name}  {size / 1000:.0f} kB')
        for name, value in costs.items():
            print(f'{name}: {value}')
    return 0


def _costs(site: str, model: str) -> dict[str, Any]:
    from lam_ws.bench.onnx import measure
    return measure(site, model)
