"""What the operator is told when an order is none: a reason and names enter, sentences leave."""
from collections.abc import Mapping, Sequence

from lam_ws.grounding.factory.checking.cell import name
from lam_ws.grounding.factory.meaning import Open
from lam_ws.grounding.factory.order import Answer, Step
from lam_ws.grounding.factory.telling import told_steps
from lam_ws.knowledge.knowledge import Known

MOST = 5   # options that are told
# reason: Korean, English
SENTENCES: Mapping[str, tuple[str, str]] = {
    'ambiguous_object': ('"{words}"은(는) 어느 것입니까? {options_ko}',
                         'Which "{words}" do you mean? {options_en}'),
    'ambiguous_destination': ('"{words}"은(는) 어디입니까? {options_ko}',
                              'Which "{words}" do you mean? {options_en}'),
    'missing_object': ('무엇을 말씀하시는지 알려 주십시오.', 'What is it to be done to?'),
    'missing_destination': ('"{words}"을(를) 어디에 둘지 알려 주십시오.',
                            'Where is "{words}" to go?'),
    'missing_deed': ('무엇을 할지 알려 주십시오.', 'What is to be done?'),
    'condition': ('"{words}"인지 카메라로는 알 수 없습니다. 그렇습니까? (네/아니요)',
                  'No camera here can tell whether "{words}". Is it so? (yes/no)'),
    'condition_unclear': ('"{words}": 무엇에 달린 일인지 모르겠습니다. 나누어 말씀해 주십시오.',
                          '"{words}": what that depends on was not understood; please say it in '
                          'parts.'),
    'negated': ('"{words}": 하지 말라는 말씀이라 아무것도 하지 않습니다. 할 일을 말씀해 주십시오.',
                '"{words}": that forbids something, so nothing is done. Please say what to do.'),
    'read_back': ('"{words}"이(가) 할 일에 들어 있지 않습니다. 나누어 말씀해 주십시오.',
                  '"{words}" has no place in what I understood; please say it in parts.'),
    'unknown_object': ('"{words}"은(는) 이 공장의 자료에 없는 말입니다.',
                       '"{words}" is nothing that this factory knows.'),
    'unknown_destination': ('"{words}"은(는) 이 공장의 자료에 없는 곳입니다.',
                            '"{words}" is no place that this factory knows.'),
    'unsupported': ('"{words}": 로봇이 할 줄 모르는 일입니다.',
                    '"{words}": the robot has no skill for that.'),
    'widens_limit': ('"{words}": 속도, 힘, 하중, 규칙의 한계는 말로 바꿀 수 없습니다.',
                     '"{words}": no words change limits of speed, force or load, or a rule.'),
    'hidden_letters': ('보이지 않는 글자가 있어 읽지 않았습니다.',
                       'There are letters that nobody sees, so it was not read.'),
}


def told(found: Open, known: Mapping[str, Known]) -> Answer:
    """Return the answer to what is no order, without the links.

    Args:
        found: Why.
        known: Everything that may be an option.
    """
    options = [name(known[one]) for one in found.options[:MOST]]
    more = len(found.options) - len(options)
    values = {'words': found.words[:60],
              'options_ko': ', '.join(one.korean for one in options) + (f' 외 {more}' if more > 0
                                                                        else ''),
              'options_en': ', '.join(one.english for one in options)
              + (f' and {more} more' if more > 0 else '')}
    korean, english = SENTENCES[found.reason]
    return Answer(found.verdict, found.reason, text_ko=korean.format(**values).strip(),
                  text_en=english.format(**values).strip(), words=found.words,
                  options=found.options)


def doubtful(steps: Sequence[Step], known: Mapping[str, Known]) -> Answer:
    """Return the question whether an order was understood, with its steps."""
    korean, english = told_steps(steps, known)
    return Answer('clarify', 'read_back', proposed=tuple(steps),
                  text_ko=f'이렇게 하라는 말씀입니까? {korean}',
                  text_en=f'Is this what you mean? {english}')
