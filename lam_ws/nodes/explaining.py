"""Why: what the last instruction was understood as, what came of it, and what it rests on.

What a console knows of it enters; one answer in both languages leaves, with its citations. A
question that is open is explained by the task itself, which is asked with the word 'why'.
"""
from lam_ws.console.console import Answer
from lam_ws.nodes.instructing import Instructing
from lam_ws.nodes.showing import Showing, told
from lam_ws.nodes.wordings import accepted, refusal

_MOST = 20   # citations told


def explained(instructing: Instructing, showing: Showing) -> Answer:
    """Return what there is to say of the last instruction."""
    task, plan, result = instructing.task, instructing.plan, instructing.result
    if not task:
        return refusal('nothing_to_explain')
    ko = [f'지시: "{task["instruction"]}".']
    en = [f'Asked: "{task["instruction"]}".']
    if plan is not None:
        for language, parts, word in (('ko', ko, '알아들은 일'), ('en', en, 'Understood as')):
            steps = ' '.join(f'{number}. {step["text"][language]}'
                             for number, step in enumerate(plan['steps'], 1))
            parts.append(f'{word}: {steps}.')
    if task['question']:
        ko.append(f'질문: {task["question"]}')
        en.append(f'Question: {task["question"]}')
    if result is not None:
        ko.append(f'결과: {result["text"]}')
        en.append(f'Result: {result["text"]}')
    guard = showing.guard
    if guard is not None and guard.reason:
        words = told(guard)
        ko.append(f'안전 감시: {words["ko"]}')
        en.append(f'Guard: {words["en"]}')
    cited = list((result or {}).get('citations') or (plan or {}).get('citations') or ())
    ko.append('근거는 아래와 같습니다.' if cited else '따로 근거로 든 자료는 없습니다.')
    en.append('It rests on what follows.' if cited else 'It rests on no source.')
    answer = accepted(citations=cited[:_MOST], episode_id=task['episode_id'])
    return Answer(True, '', ' '.join(ko), ' '.join(en), answer.data)
