"""`lam security SITE`: who may say and hear what in a cell, as a policy for `ros2 security`.

A site enters; an SROS2 policy leaves, one enclave a process, with just the topics, services and
actions that the nodes really open. docs/howto_security.md says what to do with it.
"""
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
import sys

from lam_ws.site import load_site
from lam_ws.verbs import clean_stdout, parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Configure the nodes of a site, ask them what they opened, and write the policy."""
    options = parser('security', 'Write the SROS2 policy of the nodes of a site.')
    options.add_argument('site', help='name in config/sites, or a .yaml file')
    options.add_argument('--out', type=Path, help='policy file (default: stdout)')
    given = options.parse_args(arguments)
    site = load_site(given.site)
    from lam_ws.nodes.access import access, policy
    with clean_stdout():
        found = access(site)
    text = policy(found)
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text, encoding='utf-8')
    if given.json:
        print_json({'site': site.name, 'enclaves': {
            enclave: asdict(may) for enclave, may in found.items()}})
    elif given.out is None:
        sys.stdout.write(text)
    else:
        print(given.out)
    return 0
