"""`lam do TEXT --site SITE`: one instruction to a cell that runs.

A sentence enters; what the cell says on the way and its result leave. At a terminal its questions
are answered there, elsewhere a question ends the instruction unless `--reply` answers it. Ctrl-C
cancels, and the arm brakes before this returns.
"""
from collections.abc import Sequence
import os
import sys
from typing import Any

from lam_ws.site import load_site
from lam_ws.types import Instruction
from lam_ws.verbs import parser, print_json


def main(arguments: Sequence[str]) -> int:
    """Send the instruction and wait for its result."""
    options = parser('do', 'Send an instruction to a running cell.')
    options.add_argument('text', metavar='TEXT', help='what to do, in Korean or English')
    options.add_argument('--site', required=True, help='name in config/sites, or a .yaml file')
    options.add_argument('--arm', action='store_true', help='permit motion first')
    options.add_argument('--language', choices=('auto', 'ko', 'en'), default='auto')
    options.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', '0')),
                         help='ROS domain (default: ROS_DOMAIN_ID, else 0)')
    options.add_argument('--reply', metavar='WORDS', action='append', default=[],
                         help='what to reply to a question; may be given again')
    given = options.parse_args(arguments)
    site = load_site(given.site)

    from lam_ws.nodes.environment import enter
    from lam_ws.nodes.supervisor import Interruption
    enter(given.domain)
    from lam_ws.nodes.client import connected

    said = ''

    def hear(feedback: Any) -> None:
        nonlocal said
        line = f'{feedback.phase} {feedback.step + 1}/{max(feedback.steps, 1)} {feedback.text}'
        if line != said:
            print(line.strip(), file=sys.stderr)
            said = line
    replies = iter(given.reply)

    def answer(question: str, choices: Sequence[str]) -> str:
        print('\n'.join([question, *(f'  {number}. {choice}' for number, choice
                                     in enumerate(choices, 1))]), file=sys.stderr)
        words = next(replies, None)
        if words is None:
            words = input('> ') if sys.stdin.isatty() else 'no'
        return words
    asks = answer if given.reply or sys.stdin.isatty() else None
    with Interruption() as signals, connected(site, given.domain, signals.check) as cell:
        cell.wait_for_cell()
        if given.arm:
            cell.arm()
        outcome = cell.instruct(Instruction(given.text, given.language), hear, asks)
    if given.json:
        print_json({'success': outcome.success, 'reason': outcome.reason, 'text': outcome.text,
                    'citations': list(outcome.citations), 'episode': outcome.episode,
                    'seconds': outcome.seconds})
    else:
        print(outcome.text + (f' [{outcome.reason}]' if outcome.reason else ''))
    return 0 if outcome.success else 1
