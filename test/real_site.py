"""A shipped site with another arm: only the line `arm:` and what real time asks for differ."""
from lam_ws.resources import share
from lam_ws.site import load_site
import yaml


def real_site(folder, model, adapter, base='sim_sort', **more):
    """Return the site of `base` whose arm is `model`, reached by `adapter`, in real time.

    Args:
        folder: Where the file is written, and one of the adapter's if it is given as a dict.
        model: Of config/arms.
        adapter: Name of config/adapters, or the path of such a file.
        base: The shipped site.
        more: Other keys of the site.
    """
    content = yaml.safe_load((share() / 'config' / 'sites' / f'{base}.yaml').read_text())
    content |= {'name': 'real', 'arm': {'model': model, 'adapter': adapter}, 'record': None}
    content |= more
    content['sim']['clock'] = 'wall'
    content['limits']['stale_joints_s'] = 0.1   # tests share their machine with others
    content = {key: value for key, value in content.items() if value is not None}
    path = folder / 'real.yaml'
    path.write_text(yaml.safe_dump(content))
    return load_site(path)
