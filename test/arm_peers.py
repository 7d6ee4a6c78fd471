"""The counterparts by name: each started, and a site whose one line `arm:` reaches it.

    with counterpart('fanuc', folder, domain) as (site, peer): ...

What differs between the sites is the model of the arm and the adapter, nothing else.
"""
from contextlib import contextmanager

from controller_peer import controlling
import franka_peer
from lam_ws.site import load_arm
import numpy as np
from real_site import real_site
from vendor_peer import install, own_host, VendorPeer

MODELS = {'joint_trajectory': 'fr3', 'franka': 'fr3', 'fanuc': 'crx10ia', 'indy': 'indy7',
          'trossen': 'wxai'}
FANUC = """\
name: peer
driver: fanuc
address: 127.0.0.1
gripper: topic
lag_s: 0.09
fanuc: {{stream_port: {stream_port}, rmi_port: {rmi_port}, lead_s: 0.08}}
"""
INDY = """\
name: peer
driver: indy
address: {host}
gripper: topic
lag_s: 0.075
indy: {{python: {python}}}
"""
TROSSEN = 'name: peer\ndriver: trossen\naddress: {host}\n'
FRANKA = """\
name: peer
driver: franka
address: {host}
gripper: topic
stale_s: 0.1
franka:
  stiffness: [600.0, 600.0, 600.0, 600.0, 400.0, 300.0, 200.0]
  torque_threshold: [20.0, 20.0, 18.0, 18.0, 16.0, 14.0, 12.0]
  force_threshold: [20.0, 20.0, 20.0, 25.0, 25.0, 25.0]
  realtime: false
"""


@contextmanager
def counterpart(name, folder, domain, base='sim_bench', **more):
    """Yield a site for `name` and its running counterpart, None for pybullet.

    Raises:
        RuntimeError: The counterpart cannot be installed.
    """
    if name == 'pybullet':
        yield real_site(folder, 'fr3', 'pybullet', base, **more), None
        return
    home = load_arm(MODELS[name]).home[:-1]
    degrees = [f'{value:.9g}' for value in np.degrees(home)]

    def site(text):
        (folder / 'peer.yaml').write_text(text)
        return real_site(folder, MODELS[name], 'peer.yaml', base, **more)
    if name == 'joint_trajectory':
        made = real_site(folder, 'fr3', name, base, **more)
        with controlling(made, domain) as peer:
            yield made, peer
    elif name == 'franka':
        with franka_peer.serving(start=home) as peer:
            yield site(FRANKA.format(host=peer.host)), peer
    elif name == 'fanuc':
        with VendorPeer('fanuc_controller.py', *degrees) as peer:
            yield site(FANUC.format(**peer.said)), peer
    elif name == 'indy':
        host, python = own_host(), install('indy')
        with VendorPeer('indy_controller.py', host, *degrees, python=python) as peer:
            yield site(INDY.format(host=host, python=python)), peer
    else:
        host = own_host()
        start = [*home.tolist(), 0.5 * float(load_arm('wxai').home[-1])]
        with VendorPeer('trossen_controller.py', host, *start, python=install('trossen')) as peer:
            yield site(TROSSEN.format(host=host)), peer
