"""What an operator at the arm is told, in Korean and English: why it does not move, or slowly.

A code with what it concerns enters; one or two sentences leave. What the guard says has words of
its own (`lam_ws.safety.words`).
"""
from collections.abc import Mapping
from types import MappingProxyType

# code: English, Korean; {where} is a joint, a process or a time
WORDINGS: Mapping[str, tuple[str, str]] = MappingProxyType({
    'singularity': (
        'The arm is near a singular pose and goes slowly there. Move another way, or jog single '
        'joints to bend the arm.',
        '특이 자세에 가까워 천천히 움직입니다. 다른 방향으로 움직이거나 관절을 하나씩 움직여 팔을 '
        '굽히십시오.'),
    'position': (
        '{where} is at its end. Move the other way, or jog another joint.',
        '{where} 관절이 끝에 닿았습니다. 반대 방향이나 다른 관절로 움직이십시오.'),
    'not_taken': (
        'Nobody moves the arm by hand. Take it first.',
        '아직 손조작을 잡지 않았습니다. 먼저 잡으십시오.'),
    'not_armed': (
        'Motion is not permitted. Reset if the arm was stopped, then arm, then take it.',
        '동작이 허가되지 않았습니다. 정지했으면 리셋하고, 무장(arm)한 다음 다시 잡으십시오.'),
    'held': (
        '{where} moves the arm by hand. It has to give it back first.',
        '{where} 쪽에서 손으로 조작하고 있습니다. 그쪽에서 먼저 돌려주어야 합니다.'),
    'no_answer': (
        'The guard did not hand the arm over. Ask again.',
        '안전 감시기가 팔을 넘겨주지 않았습니다. 다시 잡으십시오.'),
    'no_guard': (
        'Nothing is heard of the guard. Look whether the cell runs.',
        '안전 감시기의 신호가 없습니다. 셀이 실행 중인지 확인하십시오.'),
    'task_silent': (
        'Nothing is heard of the task, so the guard holds the arm. Check task, perception and '
        'cameras.',
        '작업 노드의 신호가 없어 안전 감시기가 팔을 세웁니다. 작업, 인식, 카메라를 점검하십시오.'),
    'taking': ('Asked for the arm.', '팔을 넘겨받는 중입니다.'),
    'giving': ('Giving the arm back.', '팔을 돌려주는 중입니다.'),
    'leader_free': (
        'The leader arm is not engaged.', '리더 암이 연결되어 있지 않습니다.'),
    'leader_far': (
        'The leader arm is not where the arm is: bring its {where} nearer, then engage it.',
        '리더 암이 팔의 자세와 다릅니다. {where} 관절을 가까이 맞춘 다음 연결하십시오.'),
    'leader_jumped': (
        'The leader arm ran away from the arm ({where}). Bring it near and engage it again.',
        '리더 암이 팔에서 너무 멀어졌습니다({where}). 가까이 맞추고 다시 연결하십시오.'),
    'leader_twice': (
        'Several nodes publish the leader arm. End all but one, then engage it again.',
        '여러 노드가 리더 암의 신호를 보냅니다. 하나만 남기고 다시 연결하십시오.'),
    'leader_silent': (
        'Nothing is heard of the leader arm. Check its driver, then engage it again.',
        '리더 암의 신호가 없습니다. 드라이버를 점검하고 다시 연결하십시오.'),
    'leader_joints': (
        'The leader arm does not name the joint {where}. Map its joints by name.',
        '리더 암의 신호에 {where} 관절이 없습니다. 관절 이름을 맞춰 주십시오.'),
})


def teleop_words(code: str, where: str = '', language: str = 'en') -> str:
    """Return what a code of teleoperation means and what to do; '' for ''.

    Args:
        code: A key of WORDINGS, or ''.
        where: What it concerns.
        language: 'ko' or 'en'.
    """
    if not code:
        return ''
    if code not in WORDINGS:
        return code
    english, korean = WORDINGS[code]
    return (korean if language == 'ko' else english).replace('{where}', where)
