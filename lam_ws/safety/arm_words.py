"""What the controller of a real arm may report, in Korean and English.

The code of a fault is that of `arm.arm.FAULTS` behind 'arm_'. What all of them ask for in the end
is the same: recover, reset, arm; none implies another.
"""
from lam_ws.safety.wording import RESUME, RESUME_KO, Wording

_RECOVER = f'Then recover the arm. {RESUME}'
_RECOVER_KO = f'그다음 로봇을 복구(recover)하십시오. {RESUME_KO}'

ARM_WORDINGS: dict[str, Wording] = {
    'arm_estop': Wording(
        'The emergency stop of the arm is pressed.',
        f'Clear its cause and release it. {_RECOVER}',
        '로봇의 비상정지가 눌려 있습니다.', f'원인을 제거하고 해제하십시오. {_RECOVER_KO}'),
    'arm_protective_stop': Wording(
        'The controller of the arm has made a protective stop.',
        f'Look at its pendant for the cause and clear it. {_RECOVER}',
        '로봇 제어기가 보호 정지했습니다.',
        f'펜던트에서 원인을 확인하고 제거하십시오. {_RECOVER_KO}'),
    'arm_contact': Wording(
        'The controller of the arm felt a contact and stopped.',
        f'Look for what the arm touches and free it. {_RECOVER}',
        '로봇 제어기가 접촉을 감지해 멈췄습니다.',
        f'로봇에 닿은 것을 찾아 치우십시오. {_RECOVER_KO}'),
    'arm_reflex': Wording(
        'The controller of the arm stopped by reflex: a limit of its own, or a contact.',
        f'Look at what it reports and for what the arm touches. {_RECOVER}',
        '로봇 제어기가 자체 한계 또는 접촉으로 반사 정지했습니다.',
        f'보고된 내용과 로봇 주위를 확인하십시오. {_RECOVER_KO}'),
    'arm_limit': Wording(
        'A joint of the arm has met a limit of its controller.',
        f'Bring it back inside by the pendant. {_RECOVER}',
        '로봇 관절이 제어기의 한계에 닿았습니다.',
        f'펜던트로 한계 안으로 옮기십시오. {_RECOVER_KO}'),
    'arm_alarm': Wording(
        'The controller of the arm reports an alarm.',
        f'Look at its pendant for the cause and clear it. {_RECOVER}',
        '로봇 제어기가 경보를 냈습니다.',
        f'펜던트에서 원인을 확인하고 제거하십시오. {_RECOVER_KO}'),
    'arm_brake': Wording(
        'The brakes of the arm are closed or its drives are off.',
        f'Switch the arm on at its pendant. {_RECOVER}',
        '로봇 브레이크가 잠겨 있거나 구동 전원이 꺼져 있습니다.',
        f'펜던트에서 로봇을 켜십시오. {_RECOVER_KO}'),
    'arm_teach': Wording(
        'A person or the teach pendant has the arm.',
        f'End the guiding, or switch to automatic operation. {_RECOVER}',
        '사람이나 티치 펜던트가 로봇을 잡고 있습니다.',
        f'직접 교시를 끝내거나 자동 운전으로 바꾸십시오. {_RECOVER_KO}'),
    'arm_switched': Wording(
        'Another controller drives the arm, or none does.',
        f'Activate the one that the adapter names. {_RECOVER}',
        '다른 제어기가 로봇을 구동하거나 구동하는 제어기가 없습니다.',
        f'어댑터에 적힌 제어기를 활성화하십시오. {_RECOVER_KO}'),
    'arm_link': Wording(
        'The controller of the arm does not answer.',
        f'Check its power, cable and address. {_RECOVER}',
        '로봇 제어기가 응답하지 않습니다.',
        f'전원, 케이블, 주소를 점검하십시오. {_RECOVER_KO}'),
    'paced': Wording(
        'The controller of the arm plays more slowly than commanded; the guard goes along.',
        'Turn its speed up at the pendant when that is safe.',
        '로봇 제어기가 명령보다 느리게 움직이고 있어 안전 감시기가 속도를 맞춥니다.',
        '안전하면 펜던트에서 속도를 올리십시오.', '%', 100.0),
}
