"""The page of a shadow stands alone and lets no word from outside become markup."""
from lam_ws.report.shadow import Series, write_shadow
from lam_ws.types import CameraModel, Frame
import numpy as np
from pages import Page

ERROR = {'count': 1, **{key: {'median': 0.01, 'p95': 0.02, 'max': 0.03}
                        for key in ('arm_rad', 'gripper_m', 'tool_m')}}
GOAL = {'skill': 'pick_place', 'kind': 'cube', 'colour': '<b>red', 'place': 'bin',
        'destination': 'black', 'part': '', 'tool': '', 'text': ''}
NEAR = {'arm_rad': 0.01, 'gripper_m': 0.0, 'tool_m': 0.004}
RESULT = {
    'instruction': '<script>빨간 큐브', 'source': 'a & b', 'reason': 'x', 'text': '<i>why',
    'seconds': 2.0, 'views': 20,
    'goals': [{'time_s': 0.1, 'own': GOAL, 'cells': {**GOAL, 'colour': 'blue'},
               'different': ['colour'], 'seen_at_apart_m': 0.1, 'place_at_apart_m': None},
              {'time_s': 0.2, 'own': GOAL, 'cells': None}],
    'verdicts': {'passed': 0, 'limited': 1, 'refused': 0, 'stopped': 0, 'reasons': {'jerk': 1}},
    'errors': {after: {'chunk': ERROR, 'guarded': ERROR, 'standing': {'count': 0}}
               for after in ('0.1', '0.3', '0.5')},
    'chunks': [{'time_s': 0.1, 'step': 0, 'attempt': 0, 'phase': '<u>reach', 'done': 0.4,
                'verdict': 'limited', 'refused': '', 'limited': ['jerk'], 'stopped': '',
                'errors': {'0.5': {'guarded': NEAR}}}],
    'same_as_commander': {'chunks': 1, 'median_rad': 0.0, 'max_rad': 0.0},
    'cells_guard': {'states': {'running': 3}, 'limited': {}, 'commands': 4,
                    'commanders': ['<p>']}}


def page(tmp_path, result, count):
    """Return the text of a page whose series has `count` moments."""
    times, rows = np.arange(count) / 10, np.zeros((count, 2))
    camera = CameraModel('front', 8, 6, np.eye(3), 'base', np.eye(4))
    stills = [Frame(5.0 + t, camera, np.full((6, 8, 3), 90, np.uint8)) for t in times]
    series = Series(('a', 'grip'), times, rows, [(times, rows)] * bool(count),
                    [(times, rows)] * bool(count), stills, 5.0)
    return write_shadow(result, series, tmp_path).read_text(encoding='utf-8')


def test_the_page_asks_for_nothing_and_shows_what_it_was_given(tmp_path):
    """Pins a page that can be mailed: pictures inlined, no script, every word escaped."""
    text = page(tmp_path, RESULT, 12)
    read = Page(text)
    assert read.scripts == 0 and not read.open
    assert read.loads and all(load.startswith('data:') for load in read.loads)
    words = ''.join(read.words)
    for said in ('<script>빨간 큐브', '<i>why', '<b>red', '<u>reach', '<p>', 'differs: colour',
                 'no task in the cell', '4.0', 'limited · jerk', 'thing 100 mm apart'):
        assert said in words, said


def test_a_watch_without_anything_is_a_page_too(tmp_path):
    """Pins what Ctrl-C leaves that came at once."""
    empty = {after: {name: {'count': 0} for name in ('chunk', 'guarded', 'standing')}
             for after in ('0.1', '0.3', '0.5')}
    result = {**RESULT, 'goals': [], 'chunks': [], 'errors': empty, 'seconds': 0.0,
              'same_as_commander': {'chunks': 0}}
    assert 'It never came to a goal' in ''.join(Page(page(tmp_path, result, 0)).words)
