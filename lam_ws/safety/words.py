"""What the guard's codes mean, in Korean and English.

A reason code with the values that belong to it enters; one or two sentences for the operator
leave: what tripped, what was measured against what is allowed, and what to do next. The codes
are the stable part; the sentences may be improved at any time.
"""
from lam_ws.safety.arm_words import ARM_WORDINGS
from lam_ws.safety.safety import GuardDecision
from lam_ws.safety.wording import RESUME, RESUME_KO, Wording

_NOTHING = 'Nothing to do: the motion was kept within the limit.'
_NOTHING_KO = '조치할 것 없음: 동작이 한계 안으로 제한되었습니다.'
_IGNORED = 'The chunk was ignored; if it goes on, look at the policy.'
_IGNORED_KO = '이 동작 묶음은 무시되었습니다. 계속되면 정책을 점검하십시오.'
_OPEN = 'End one of the two, or reset and arm so that another may take over.'
_OPEN_KO = '둘 중 하나를 끝내거나, 리셋하고 다시 무장(arm)해 넘겨주십시오.'

WORDINGS: dict[str, Wording] = {
    **ARM_WORDINGS,
    # Stops: latched, leave by reset and arm.
    'operator_stop': Wording(
        'Stopped by the operator.', f'Make sure that the cell is clear. {RESUME}',
        '운전자가 정지시켰습니다.', f'셀이 비어 있는지 확인하십시오. {RESUME_KO}'),
    'no_joints': Wording(
        'No joint state has arrived yet.', 'Check that the arm or its driver is running.',
        '관절 상태가 아직 들어오지 않았습니다.',
        '로봇 팔이나 드라이버가 실행 중인지 확인하십시오.'),
    'stale_joints': Wording(
        'The joint states stopped coming.',
        f'Check the arm, its driver and the network. {RESUME}',
        '관절 상태 수신이 끊겼습니다.',
        f'로봇 팔, 드라이버, 네트워크를 점검하십시오. {RESUME_KO}', 'ms', 1e3),
    'bad_joints': Wording(
        'Two joint states in a row were unusable: missing or reordered joints, or values that '
        'are not numbers.', f'Check the driver and the joint names of the site. {RESUME}',
        '관절 상태가 두 번 연속 잘못되었습니다: 관절 누락, 순서 바뀜 또는 숫자가 아닌 값.',
        f'드라이버와 사이트의 관절 이름을 점검하십시오. {RESUME_KO}'),
    'future_joints': Wording(
        'A joint state claims to come from the future.',
        f'Check the clocks of the arm and this computer. {RESUME}',
        '관절 상태의 시각이 현재보다 앞서 있습니다.',
        f'로봇 팔과 이 컴퓨터의 시계를 점검하십시오. {RESUME_KO}', 'ms', 1e3),
    'joint_jump': Wording(
        'A measured joint jumped further than the arm can move.',
        f'Check the encoder and its cable; look whether the arm was reset. {RESUME}',
        '측정된 관절 값이 팔이 움직일 수 있는 범위보다 크게 튀었습니다.',
        f'엔코더와 케이블을 점검하고 팔이 초기화되었는지 확인하십시오. {RESUME_KO}', 'rad'),
    'tracking': Wording(
        'The arm is not where it was commanded to be: blocked, in collision, or not driven.',
        f'Look for what holds the arm and free it. {RESUME}',
        '팔이 명령한 위치에 있지 않습니다: 막힘, 충돌 또는 구동 꺼짐.',
        f'팔을 막고 있는 것을 찾아 치우십시오. {RESUME_KO}', 'rad'),
    'stalled': Wording(
        'A joint did not go the way that it was commanded to: blocked, or not driven.',
        f'Look for what holds the arm and free it. {RESUME}',
        '관절이 명령받은 만큼 움직이지 않았습니다: 막힘 또는 구동 꺼짐.',
        f'팔을 막고 있는 것을 찾아 치우십시오. {RESUME_KO}', 'rad'),
    'policy_stalled': Wording(
        'The policy sent no new chunk in time; the last one was played to its end.',
        f'Check the policy, perception and camera processes. {RESUME}',
        '정책이 제때 새 동작 묶음을 보내지 않아 마지막 묶음까지만 실행하고 멈췄습니다.',
        f'정책, 인식, 카메라 프로세스를 점검하십시오. {RESUME_KO}', 's'),
    'task_silent': Wording(
        'The task, or perception before it, fell silent in mid-work.',
        f'Check both processes and the cameras. {RESUME}',
        '작업 도중 작업 노드 또는 그 앞의 인식 노드가 응답하지 않습니다.',
        f'두 프로세스와 카메라를 점검하십시오. {RESUME_KO}', 's'),
    'estop': Wording(
        'The emergency stop is pressed.', f'Clear its cause and release it. {RESUME}',
        '비상정지가 눌려 있습니다.', f'원인을 제거하고 비상정지를 해제하십시오. {RESUME_KO}'),
    'estop_lost': Wording(
        'Nothing is heard of the emergency stop, which counts as pressed.',
        f'Check the node that reads the button. {RESUME}',
        '비상정지 신호가 들리지 않아 눌린 것으로 간주합니다.',
        f'버튼을 읽는 노드를 점검하십시오. {RESUME_KO}', 'ms', 1e3),
    'estop_twice': Wording(
        'Several nodes publish the emergency stop, and one could take back what another says.',
        f'Leave one, which says pressed while any button is. {RESUME}',
        '비상정지를 여러 노드가 보내고 있어 서로의 신호를 지울 수 있습니다.',
        f'버튼이 하나라도 눌리면 눌림을 알리는 노드 하나만 남기십시오. {RESUME_KO}'),
    'gate_open': Wording(
        'A gate of the cell is open, or not known to be closed.',
        f'Make sure that nobody is inside and close it. {RESUME}',
        '셀의 안전문이 열려 있거나 닫혔는지 알 수 없습니다.',
        f'안에 사람이 없는지 확인하고 문을 닫으십시오. {RESUME_KO}'),
    'plc_silent': Wording(
        'The PLC of the cell does not answer, or its program stands still.',
        f'Check the PLC, its network and the node that reads it. {RESUME}',
        '셀의 PLC가 응답하지 않거나 PLC 프로그램이 멈춰 있습니다.',
        f'PLC와 네트워크, PLC를 읽는 노드를 점검하십시오. {RESUME_KO}', 'ms', 1e3),
    'stop_file': Wording(
        'A file says that the cell must stand still.',
        f'Find out who put it there; remove it when it is safe. {RESUME}',
        '정지 파일이 있어 셀이 멈춰 있어야 합니다.',
        f'누가 만들었는지 확인하고 안전할 때 지우십시오. {RESUME_KO}'),
    'foreign_commander': Wording(
        'Another node publishes commands to the arm.', f'Find it and end it. {RESUME}',
        '다른 노드가 팔에 명령을 보내고 있습니다.', f'그 노드를 찾아 종료하십시오. {RESUME_KO}'),
    'contact': Wording(
        'A joint needs more torque than it may: the arm presses against something.',
        f'Look for what it touches and free it. {RESUME}',
        '관절 토크가 허용 값을 넘었습니다: 팔이 무언가를 누르고 있습니다.',
        f'닿은 것을 찾아 치우십시오. {RESUME_KO}', 'N m'),
    'clock': Wording(
        'The clock of the run stood still or went back.',
        f'Check the source of time (/clock in simulation). {RESUME}',
        '실행 시계가 멈췄거나 거꾸로 갔습니다.',
        f'시간 원천(시뮬레이션에서는 /clock)을 점검하십시오. {RESUME_KO}', 's'),
    'late_cycle': Wording(
        'The guard itself was kept from running for too long.',
        f'Take load off this computer or give the guard a real-time priority. {RESUME}',
        '안전 감시기 자체가 너무 오래 실행되지 못했습니다.',
        f'이 컴퓨터의 부하를 줄이거나 감시기에 실시간 우선순위를 주십시오. {RESUME_KO}',
        'ms', 1e3),
    'limiter': Wording(
        'A command failed the last check and was replaced by a brake. This is a fault of the '
        'program.', 'Keep the recording and report it; do not go on with this version.',
        '명령이 마지막 검사를 통과하지 못해 제동으로 대체되었습니다. 프로그램 결함입니다.',
        '기록을 보관하고 신고하십시오. 이 버전으로 계속하지 마십시오.'),
    # Refusals to arm.
    'outside_limits': Wording(
        'A joint stands outside its limits.', 'Bring the arm back inside by hand, then arm.',
        '관절이 한계 밖에 있습니다.', '팔을 손으로 한계 안으로 옮긴 뒤 무장(arm)하십시오.', 'rad'),
    'outside_workspace': Wording(
        'The tool or a link stands outside the workspace of the site.',
        'Bring the arm back inside by hand, or mend the limits of the site, then arm.',
        '공구 또는 링크가 사이트의 작업 공간 밖에 있습니다.',
        '팔을 손으로 안쪽으로 옮기거나 사이트의 한계를 고친 뒤 무장(arm)하십시오.', 'm'),
    # Holds: nothing is followed until a step comes that may be done.
    'knowledge_mismatch': Wording(
        'The step handles what the guard does not know, or rests on other knowledge than the '
        'guard has read.', 'Start the cell anew, so that all of it reads the same knowledge.',
        '이 단계가 다루는 것을 안전 감시기가 모르거나, 감시기가 읽은 것과 다른 지식을 따릅니다.',
        '모두 같은 지식을 읽도록 셀을 다시 시작하십시오.'),
    'part_force': Wording(
        'The fingers press harder than what is handled may be held with.',
        'Mount a gentler gripper, or have the part handled by hand.',
        '그리퍼가 다루는 물건이 견디는 것보다 세게 쥡니다.',
        '더 약한 그리퍼를 달거나 사람이 다루게 하십시오.', 'N'),
    # Bounds at work: motion goes on within them.
    'position': Wording('A joint would pass its end.', _NOTHING,
                        '관절이 끝 한계를 넘으려 했습니다.', _NOTHING_KO, 'rad'),
    'velocity': Wording('A joint was asked to be too fast; the motion is played more slowly.',
                        _NOTHING, '관절 속도 요구가 너무 커서 동작을 늦췄습니다.', _NOTHING_KO,
                        'rad/s'),
    'acceleration': Wording(
        'A joint was asked to accelerate too hard; the motion is played more slowly.', _NOTHING,
        '관절 가속도 요구가 너무 커서 동작을 늦췄습니다.', _NOTHING_KO, 'rad/s²'),
    'tool_speed': Wording('The tool would be too fast.', _NOTHING,
                          '공구 속도가 너무 빠르려 했습니다.', _NOTHING_KO, 'm/s'),
    'part_speed': Wording(
        'The tool would be faster than what is handled may be moved.', _NOTHING,
        '다루는 물건에 허용된 것보다 공구가 빨라지려 했습니다.', _NOTHING_KO, 'm/s'),
    'part_change': Wording(
        'Something else is to be handled: the arm stands still before other limits hold.',
        'Nothing to do: it goes on by itself.',
        '다루는 물건이 바뀌어, 다른 한계가 적용되기 전에 팔을 먼저 세웁니다.',
        '조치할 것 없음: 저절로 계속합니다.'),
    'workspace': Wording(
        'The tool would leave the workspace; the arm waits at its edge.',
        'If the place is meant to be reached, mend the limits of the site.',
        '공구가 작업 공간을 벗어나려 해서 경계에서 멈췄습니다.',
        '도달해야 하는 위치라면 사이트의 한계를 고치십시오.', 'm'),
    'table': Wording(
        'The tool or a link would touch the table plane; the arm waits above it.',
        'If the place is meant to be reached, mend table_z of the site.',
        '공구 또는 링크가 작업대 면에 닿으려 해서 그 위에서 멈췄습니다.',
        '도달해야 하는 위치라면 사이트의 table_z를 고치십시오.', 'm'),
    'keep_out': Wording(
        'The arm would enter a box that it stays out of; it waits at its edge.',
        'If the place is meant to be reached, mend limits.keep_out of the site.',
        '팔이 진입 금지 구역에 들어가려 해서 경계에서 멈췄습니다.',
        '도달해야 하는 위치라면 사이트의 limits.keep_out을 고치십시오.', 'm'),
    'self_distance': Wording(
        'Two links would come too near each other; the arm waits before they do.',
        'Nothing to do; if it goes on, look at the policy: it bends the arm too far.',
        '팔의 두 링크가 서로 너무 가까워지려 해서 그 전에 멈췄습니다.',
        '조치할 것 없음. 계속되면 정책을 점검하십시오: 팔을 너무 많이 굽힙니다.', 'm'),
    'singularity': Wording(
        'The arm is near a singular pose, where small motions of the tool take large ones of '
        'the joints; the motion is played more slowly.', _NOTHING,
        '공구를 조금 움직이는 데 관절이 크게 움직여야 하는 특이 자세에 가까워 동작을 늦췄습니다.',
        _NOTHING_KO, 'm/rad'),
    'follower': Wording('No way to the asked motion was found; the arm brakes until there is.',
                        _NOTHING, '요구한 동작으로 가는 길을 찾지 못해 제동했습니다.',
                        _NOTHING_KO),
    # Commanders that were not obeyed.
    'lease_lapsed': Wording(
        'Whoever moves the arm has fallen silent; it comes to rest.',
        'Check the policy or teleoperation process; if it is back soon, the motion goes on.',
        '팔을 움직이던 쪽의 신호가 끊겨 팔을 세웁니다.',
        '정책 또는 원격조작 프로세스를 점검하십시오. 곧 돌아오면 동작이 이어집니다.', 'ms', 1e3),
    'not_commander': Wording(
        'Another process moves the arm already; this one was not obeyed.', _OPEN,
        '이미 다른 프로세스가 팔을 움직이고 있어 이 프로세스의 명령은 무시했습니다.', _OPEN_KO),
    'claim_role': Wording('Nobody may command under this role.', _OPEN,
                          '이 역할로는 명령할 수 없습니다.', _OPEN_KO),
    'claim_replayed': Wording('A message was sent a second time.', _IGNORED,
                              '이미 받은 메시지가 다시 왔습니다.', _IGNORED_KO),
    'claim_stale': Wording('A message answers what was seen too long ago, or in the future.',
                           _IGNORED, '메시지가 너무 오래된 관측이나 미래의 관측에 대한 것입니다.',
                           _IGNORED_KO, 's'),
    'no_claim': Wording('A chunk came without saying from whom.', _IGNORED,
                        '누가 보냈는지 알 수 없는 동작 묶음입니다.', _IGNORED_KO),
    # Chunks that were not followed.
    'chunk_joints': Wording(
        'A chunk names other joints, or another order, than the arm has.', _IGNORED,
        '동작 묶음의 관절 이름이나 순서가 로봇 팔과 다릅니다.', _IGNORED_KO),
    'chunk_shape': Wording('A chunk has the wrong size.', _IGNORED,
                           '동작 묶음의 크기가 잘못되었습니다.', _IGNORED_KO),
    'chunk_not_finite': Wording('A chunk holds values that are not numbers.', _IGNORED,
                                '동작 묶음에 숫자가 아닌 값이 있습니다.', _IGNORED_KO),
    'chunk_times': Wording('The times of a chunk do not increase, or reach too far.', _IGNORED,
                           '동작 묶음의 시각이 증가하지 않거나 너무 멉니다.', _IGNORED_KO, 's'),
    'chunk_future': Wording('A chunk claims to come from the future.', _IGNORED,
                            '동작 묶음의 시각이 현재보다 앞서 있습니다.', _IGNORED_KO, 's'),
    'chunk_replayed': Wording('A chunk is not newer than the one before.', _IGNORED,
                              '동작 묶음이 이전 것보다 새롭지 않습니다.', _IGNORED_KO, 's'),
    'chunk_early': Wording('A chunk was computed from before motion was permitted.', _IGNORED,
                           '동작 묶음이 무장(arm) 이전의 관측에서 나왔습니다.', _IGNORED_KO, 's'),
    'chunk_start': Wording(
        'A chunk does not begin where the arm stands.', _IGNORED,
        '동작 묶음이 팔이 서 있는 곳에서 시작하지 않습니다.', _IGNORED_KO, 'rad'),
    'chunk_stale': Wording('A chunk came too late to be followed.', _IGNORED,
                           '동작 묶음이 너무 늦게 도착했습니다.', _IGNORED_KO, 's'),
}


def words(code: str, measured: float | None = None, allowed: float | None = None,
          where: str = '', language: str = 'en') -> str:
    """Return what a reason or bound means and what to do next.

    Args:
        code: A `reason` or `limited` of `GuardDecision`; '' gives ''.
        measured: Value found, SI; None leaves the values out.
        allowed: Value permitted, SI.
        where: Joint or point concerned.
        language: 'ko' or 'en'.
    """
    if not code:
        return ''
    if code not in WORDINGS:
        return code
    wording = WORDINGS[code]
    korean = language == 'ko'
    values = ''
    if wording.unit and measured is not None and allowed is not None:
        # Joints turn, a gripper opens; arm files name it so.
        unit = wording.unit.replace('rad', 'm') if 'gripper' in where else wording.unit
        found, bound = (f'{value * wording.scale:.4g} {unit}' for value in (measured, allowed))
        values = f' (측정 {found}, 허용 {bound})' if korean else \
            f' (measured {found}, allowed {bound})'
    place = f'{where}: ' if where else ''
    if korean:
        return f'{place}{wording.ko[:-1]}{values}. {wording.ko_next}'
    return f'{place}{wording.en[:-1]}{values}. {wording.en_next}'


def explain(decision: GuardDecision, language: str = 'en') -> str:
    """Return the words for the bound at work, else for the reason; '' when there is neither."""
    return words(decision.limited or decision.reason, decision.measured, decision.allowed,
                 decision.where, language)
