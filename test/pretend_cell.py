"""A cell that is only pretended, with everything in it that the console's page can show."""
import math
import time

from lam_ws.console.console import Answer, Picture
from lam_ws.sim.urdf import arm_urdf
from lam_ws.site import load_site
from stand_in_cell import done, StandInCell

STOPPED = {'ko': '운전자가 정지시켰습니다. 셀이 비어 있는지 확인하십시오.',
           'en': 'Stopped by the operator. Make sure that the cell is clear.'}
LIMIT = {'ko': '특이 자세에 가까워 천천히 움직입니다.', 'en': 'Near a singular pose: slow.'}
QUESTION = {'question': {'ko': '어느 큐브입니까?', 'en': 'Which cube?'},
            'options': [{'ko': '빨간 것', 'en': 'the red one'},
                        {'ko': '파란 것', 'en': 'the blue one'}]}
SCENE = (('cube', 'red', (0.5, 0.1, 0.02)), ('bar', 'blue', (0.42, -0.12, 0.015)),
         ('cylinder', 'green', (0.6, 0.0, 0.024)), ('bin', 'white', (0.55, 0.3, 0.0)))


class PretendCell(StandInCell):
    """Does what it is asked, at once, and moves nothing."""

    def __init__(self):
        super().__init__()
        self.site = load_site('sim_demo')
        self.guard = {'state': 'disarmed', 'reason': '', 'limited': '', 'commander': '',
                      'text': {'ko': '', 'en': ''}, 'age_s': 0.01}
        self.task, self.recording, self.holds = {}, {}, False
        self.began_s = time.monotonic()
        self._jpeg = None

    def facts(self):
        """Return the site."""
        limits = self.site.arm.limits
        return {'name': 'sim_demo', 'language': '', 'gripper': {'name': 'fr3_gripper'},
                'joints': [{'name': name, 'lower': float(limits.lower[i]),
                            'upper': float(limits.upper[i])}
                           for i, name in enumerate(self.site.arm.names[:-1])],
                'cameras': [{'name': camera.name, 'width': camera.width, 'rate_hz': 10.0,
                             'height': camera.height} for camera in self.site.cameras]}

    def urdf(self):
        """Return the arm."""
        return arm_urdf(self.site.arm)

    def state(self):
        """Return a state in which the arm sways."""
        t = time.monotonic() - self.began_s
        rest = [float(x) for x in self.site.arm.home]
        sway = [x + 0.1 * math.sin(t + i) for i, x in enumerate(rest)]
        names = list(self.site.arm.names)
        position = (sway + [0.08])[:len(names)]
        speed = [0.1 * math.cos(t + i) for i in range(len(names))]
        return {'time_s': t, 'joints': {'names': names, 'position': position, 'velocity': speed},
                'command': {'position': position, 'velocity': speed}, 'guard': self.guard,
                'scene': {'detections': [{'kind': kind, 'colour': colour, 'position': list(at)}
                                         for kind, colour, at in SCENE],
                          'cameras': {'front': 'ok', 'wrist': 'ok'}},
                'task': self.task, 'record': self._record(),
                'teleop': {'holder': '/cell/console/1' if self.holds else '/cell/policy/2',
                           'role': 'teleop' if self.holds else 'policy', 'available': True,
                           'holds': self.holds,
                           'limited': {'text': LIMIT} if self.holds else None,
                           'ends': ['fr3_joint4']}}

    def _record(self):
        return {'episode_id': '', 'instruction': '', 'by_operator': True, 'seconds': 3.2,
                'messages': 812, 'delay_s': 0.02, 'cameras': ['front', 'wrist'],
                'rate_hz': [10.0, 6.1], 'dropped': [0, 4], 'skew_s': 0.01,
                'warning': {'ko': 'wrist 카메라가 느립니다.', 'en': 'Camera wrist is slow.'},
                **self.recording}

    def health(self):
        """Return nodes of which one is slow."""
        return {'nodes': [{'name': 'guard', 'level': 'ok', 'text': ''},
                          {'name': 'policy', 'level': 'warn',
                           'text': {'ko': '느림', 'en': 'slow'}}]}

    def picture(self, camera, after):
        """Return a small grey image."""
        from lam_ws.record.image import jpeg
        import numpy as np
        if self._jpeg is None:
            self._jpeg = jpeg(np.full((96, 128, 3), 120, np.uint8), 80)
        return Picture(after + 1, 0.01, self._jpeg)

    def stop(self, person):
        """Stop."""
        self.guard = {**self.guard, 'state': 'stopped', 'reason': 'operator_stop',
                      'text': STOPPED}
        return super().stop(person)

    def ask(self, wish, person):
        """Do it."""
        self.asked.append((wish, person))
        kind = type(wish).__name__
        if kind in ('Reset', 'Arm'):
            state = {'Reset': 'disarmed', 'Arm': 'armed'}[kind]
            self.guard = {**self.guard, 'state': state, 'reason': '',
                          'text': {'ko': '', 'en': ''}}
        elif kind == 'Hand':
            self.holds = wish.action == 'take'
        elif kind == 'Record':
            self.recording = {} if wish.action != 'start' else {
                'episode_id': 'e1', 'instruction': wish.instruction}
        elif kind == 'Why':
            return done(Answer(True, ko='이렇게 알아들었습니다.', en='Understood as this.',
                               data={'citations': ['parts.csv:3 "cube"'],
                                     'episode_id': self.task.get('episode_id', '')}))
        return done()

    def work(self, phase, **more):
        """Stand in the middle of an instruction."""
        self.task = {'phase': phase, 'instruction': 'X', 'episode_id': 'e1', 'step': 0,
                     'steps': 2, 'progress': 0.3, 'question': '', 'options': [], 'asked': 1,
                     'text': {'ko': '옮기는 중', 'en': 'moving it'}, **more}
