"""What the operator is told, in Korean and English: a code enters, one sentence leaves.

`result_text` says how a task ended, `refusal_text` why an instruction was not taken up.
Reason codes are stable and for programs; the sentences are for people and may change.
"""
import re
from typing import Final

from lam_ws.grounding.korean import is_syllable, split_syllable

# How a task ended. '{part}' and '{bin}' are filled when the caller knows the goal.
_RESULTS: Final[dict[str, tuple[str, str]]] = {
    'success': ('{part}을(를) {bin}에 넣었습니다.', 'The {part} is in the {bin}.'),
    'success_many': ('{steps}개 작업을 모두 마쳤습니다.', 'All {steps} steps are done.'),
    'success_plain': ('작업을 마쳤습니다.', 'The task is done.'),
    'timeout': ('제한 시간 안에 끝내지 못했습니다.', 'The task did not finish in time.'),
    'not_in_scene': ('찾는 부품이나 상자가 보이지 않습니다.',
                     'The part or the bin is not in view.'),
    'lost': ('작업 중에 부품을 놓쳐 더 이상 보이지 않습니다.',
             'The part went out of view during the task.'),
    'done_contradicted': ('로봇은 끝났다고 판단했지만 카메라로는 확인되지 않습니다.',
                          'The policy reports success, but the cameras do not confirm it.'),
    'retries_exhausted': ('여러 번 시도했지만 성공하지 못했습니다.',
                          'Every attempt failed.'),
    'cancelled': ('요청에 따라 작업을 취소하고 멈췄습니다.',
                  'The task was cancelled and the arm has stopped.'),
    'preempted': ('새 지시가 들어와 이 작업을 멈췄습니다.',
                  'A newer instruction replaced this one.'),
    'guard_stopped': ('안전 감시가 팔을 멈췄습니다.', 'The guard stopped the arm.'),
    'not_armed': ('동작 허가(arm)가 없어 시작하지 않았습니다.',
                  'Motion is not permitted; arm the guard first.'),
    'not_ready': ('지그나 클램프가 준비되었다는 PLC 신호가 오지 않아 그만두었습니다.',
                  'The PLC did not say in time that the fixture is ready.'),
    'refused': ('지시를 수행할 수 없습니다.', 'The instruction cannot be carried out.'),
    'cell_was_reset': ('작업 중에 셀이 초기화되었습니다.',
                       'The cell was reset during the task.'),
    'stopped': ('시스템이 종료되어 작업을 멈췄습니다.',
                'The system is shutting down; the task was stopped.'),
    'busy': ('다른 작업을 하고 있어 받을 수 없습니다.', 'Another task is running.'),
    'camera': ('카메라 영상을 믿을 수 없어 멈췄습니다.',
               'The task stopped because a camera cannot be trusted.'),
    'frozen_camera': ('카메라 영상이 멈춰 있어 작업을 중단했습니다. 카메라를 점검하십시오.',
                      'The task stopped because a camera is frozen; check the camera.'),
    'black_camera': ('카메라 영상이 검게 나와 작업을 중단했습니다. 렌즈와 조명을 점검하십시오.',
                     'The task stopped because a camera sees nothing; check lens and light.'),
    'saturated_camera': ('카메라 영상이 하얗게 나와 작업을 중단했습니다. 조명을 점검하십시오.',
                         'The task stopped because a camera is blinded; check the light.'),
    'wrong_camera': ('설정과 다른 카메라의 영상이라 작업을 중단했습니다.',
                     "The task stopped because a camera is not the site's."),
    'missing_camera': ('카메라 영상이 들어오지 않아 작업을 중단했습니다.',
                       'The task stopped because a camera sends nothing.'),
    'wrong_size': ('카메라 영상의 크기가 설정과 달라 작업을 중단했습니다.',
                   'The task stopped because a camera sends images of another size.'),
    'not_gripped': ('부품을 잡지 못했습니다.', 'The fingers did not grip the part.'),
    'dropped': ('옮기는 중에 부품을 놓쳤습니다.', 'The part was dropped on the way.'),
    'stale_camera': ('카메라 영상이 끊겨 멈췄습니다.',
                     'The task stopped because a camera went silent.'),
    'stale_joints': ('관절 측정값이 끊겨 멈췄습니다.',
                     'The task stopped because the joint states went silent.'),
    'stale_chunk': ('정책이 제때 답하지 않아 멈췄습니다.',
                    'The task stopped because the policy did not answer in time.'),
    'internal': ('내부 오류로 작업을 멈췄습니다. 기록을 확인해 주세요.',
                 'An internal error stopped the task; see the record.'),
}

# Why an instruction was not taken up: reason code, then the detail of the case.
_REFUSALS: Final[dict[str, tuple[str, str]]] = {
    'empty': ('지시가 비어 있습니다.', 'The instruction is empty.'),
    'too_long': ('지시가 너무 깁니다. 짧게 나누어 말씀해 주세요.',
                 'The instruction is too long; please split it.'),
    'control_characters': ('지시에 보이지 않는 제어 문자가 들어 있습니다.',
                           'The instruction contains control characters.'),
    'not_understood': ("'{word}'은(는) 무슨 뜻인지 모르겠습니다.",
                       "I do not understand '{word}'."),
    'not_understood.slip': ("'{word}'은(는) {options} 중 무엇입니까?",
                            "Does '{word}' mean {options}?"),
    'not_understood.nothing': ('지시에서 할 일을 찾지 못했습니다.',
                               'I find nothing to do in the instruction.'),
    'not_understood.negation': ("부정이나 예외('{word}')는 받지 않습니다. 할 일만 말씀해 주세요.",
                                "I do not take exclusions ('{word}'); please say only what "
                                'to do.'),
    'not_understood.question': ("'{word}'은(는) 질문이나 조건으로 보입니다. "
                                '할 일을 말씀해 주세요.',
                                "'{word}' reads like a question or a condition; please say "
                                'what to do.'),
    'not_understood.two_bins': ('한 부품에 목적지가 둘입니다.',
                                'The same part is given two destinations.'),
    'not_understood.colour': ("'{word}'은(는) 무엇의 색인지 모르겠습니다.",
                              "I do not know what is to be '{word}'."),
    'not_understood.crowded': ("'{word}'을(를) 어떻게 하라는 것인지 모르겠습니다.",
                               "I do not see what to do with '{word}'."),
    'not_understood.twice': ('{part}을(를) 두 번 옮기라는 지시는 받지 않습니다.',
                             'I cannot move the {part} twice.'),
    'unknown_object': ("'{word}'은(는) 이 작업대에서 다루는 부품이 아닙니다. "
                       '다룰 수 있는 것: {options}.',
                       "I do not know a part called '{word}'. I handle: {options}."),
    'unknown_destination': ("'{word}'(으)로는 옮길 수 없습니다. 가능한 곳: {options}.",
                            "I cannot take anything to '{word}'. Possible: {options}."),
    'ambiguous': ('어느 부품입니까? {options}.', 'Which part: {options}?'),
    'ambiguous.bin': ('어느 상자에 넣을까요? {options}.', 'Into which bin: {options}?'),
    'ambiguous.place': ('어디에 할까요? {options}.', 'Where to: {options}?'),
    'ambiguous.deed': ('{part}을(를) 어떻게 할까요?', 'What shall I do with the {part}?'),
    'not_in_scene': ('{part}은(는) 보이지 않습니다. 보이는 것: {options}.',
                     'I see no {part}. I see: {options}.'),
    'not_in_scene.nothing': ('{part}은(는) 보이지 않습니다. 지금 보이는 것이 없습니다.',
                             'I see no {part}; nothing is in view.'),
    'unsupported': ("'{word}'은(는) 할 수 없습니다.", "I cannot do '{word}'."),
    'unsupported.pair': ("'{word}'에는 그 일을 할 수 없습니다.",
                         "I cannot do that with '{word}'."),
    'unsupported.alike': ('{part}이(가) 여러 개라 한 번에 옮길 수 없습니다.',
                          'There are several of the {part}; I cannot move them in one go.'),
    'unsupported.source': ("'{word}'에서 꺼내는 일은 할 수 없습니다.",
                           "I cannot take parts out of '{word}'."),
    'unsupported.again': ('이미 옮긴 부품을 다시 옮기는 일은 할 수 없습니다.',
                          'I cannot move a part again that was just placed.'),
}

_PAIRS: Final = {'을(를)': ('을', '를'), '은(는)': ('은', '는'), '이(가)': ('이', '가'),
                 '(으)로': ('으로', '로')}
_MARK = re.compile(r"(\S)('?)(을\(를\)|은\(는\)|이\(가\)|\(으\)로)")


def result_text(reason: str, language: str, part: str = '', target: str = '',
                steps: int = 1) -> str:
    """Return one sentence on how a task ended.

    Args:
        reason: 'success' (or '') or a failure code; an unknown one is named as it stands.
        language: 'ko' or 'en'.
        part: What was moved, in that language, for example '빨간 원통'.
        target: Where to, for example '검은 상자'.
        steps: Number of steps of the plan.
    """
    reason = reason or 'success'
    if reason == 'success' and steps > 1:
        reason = 'success_many'
    elif reason == 'success' and not (part and target):
        reason = 'success_plain'
    texts = _RESULTS.get(reason, ('작업이 실패했습니다 ({reason}).',
                                  'The task failed ({reason}).'))
    return _fill(texts, language, {'part': part, 'bin': target, 'steps': str(steps),
                                   'reason': reason})


def waiting_text(signal: str, text: str, language: str) -> str:
    """Return that the step `text` waits for a signal of the PLC."""
    return f'{signal} 신호를 기다립니다: {text}' if language == 'ko' else \
        f'Waiting for {signal}: {text}'


def refusal_text(code: str, language: str, **values: str) -> str:
    """Return one sentence on why an instruction was not taken up.

    Args:
        code: Reason, with the case after a dot where there is one ('ambiguous.bin').
        language: 'ko' or 'en'.
        **values: 'word', 'part', 'options' as the sentence needs them.
    """
    return _fill(_REFUSALS[code], language, values)


def result_reasons() -> tuple[str, ...]:
    """Return the failure codes that have a sentence of their own."""
    return tuple(reason for reason in _RESULTS if not reason.startswith('success'))


def _fill(texts: tuple[str, str], language: str, values: dict[str, str]) -> str:
    if language != 'ko':
        return texts[1].format_map(values)
    return _MARK.sub(_agree, texts[0].format_map(values))


def _agree(match: re.Match[str]) -> str:
    """Choose between the two forms of a particle by the syllable before it."""
    before, quote, mark = match.groups()
    if not is_syllable(before):
        return match[0]
    final = split_syllable(before)[2]
    closed, opened = _PAIRS[mark]
    joined = bool(final) and not (mark == '(으)로' and final == 'ㄹ')
    return before + quote + (closed if joined else opened)
