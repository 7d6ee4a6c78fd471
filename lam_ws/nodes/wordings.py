"""What the console's node says to an operator, in Korean and English: a code becomes sentences.

The web server has words of its own for what it refuses by itself.
"""
from lam_ws.console.console import Answer
from lam_ws.console.words import accepted
from lam_ws.console.words import refusal as refused_by_server
from lam_ws.console.words import WORDINGS as OF_THE_SERVER

__all__ = ['accepted', 'refusal', 'WORDINGS']
WORDINGS: dict[str, tuple[str, str]] = {
    'busy': ('다른 작업을 하고 있어 받을 수 없습니다.', 'Another task is running.'),
    'no_task': ('작업 노드가 실행되고 있지 않습니다.', 'The task node is not running.'),
    'no_guard': ('안전 감시 노드가 응답하지 않습니다. 비상정지 버튼을 쓰십시오.',
                 'The guard does not answer. Use the emergency stop.'),
    'guard_refuses': ('안전 감시가 거부했습니다: {detail}', 'The guard refuses: {detail}'),
    'not_armed': ('무장(arm)되지 않았습니다: {detail}', 'Motion is not permitted: {detail}'),
    'nothing_to_cancel': ('취소할 작업이 없습니다.', 'There is nothing to cancel.'),
    'no_question': ('지금 여쭤본 것에 대한 답이 아닙니다.',
                    'That answers no question that is open now.'),
    'no_recorder': ('기록 노드가 실행되고 있지 않습니다.', 'The recorder is not running.'),
    'not_recorded': ('기록기가 거부했습니다: {detail}', 'The recorder refuses: {detail}'),
    'no_hand': ('이 셀은 손으로 움직일 수 없습니다: {detail}',
                'The arm of this cell cannot be moved by hand: {detail}'),
    'hand_refused': ('팔을 넘겨받지 못했습니다: {detail}',
                     'The arm was not handed over: {detail}'),
    'hand_holds': ('팔을 손으로 잡고 있습니다. 먼저 돌려주십시오.',
                   'The arm is held by hand; give it back first.'),
    'lost': ('셀이 이 지시를 잃어버렸습니다. 작업 노드를 확인하십시오.',
             'The cell lost this instruction; look at the task node.'),
    'nothing_to_explain': ('아직 지시가 없었습니다.', 'Nothing was asked yet.'),
}


def refusal(code: str, ko: str = '', en: str = '') -> Answer:
    """Return the answer that refuses with `code`; details in both languages where it has some."""
    if code in OF_THE_SERVER:
        return refused_by_server(code, en)
    korean, english = WORDINGS[code]
    return Answer(False, code, korean.format(detail=ko or en), english.format(detail=en or ko))
