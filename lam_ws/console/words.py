"""What the console says when it refuses, in Korean and English: a code enters, sentences leave.

Codes are stable and for programs; the sentences may be improved at any time.
"""
from lam_ws.console.console import Answer

WORDINGS: dict[str, tuple[str, str]] = {
    'bad_host': ('이 주소로는 콘솔에 접속할 수 없습니다. 사이트의 console.hosts를 확인하십시오.',
                 'The console does not answer to this host name; see console.hosts of the site.'),
    'bad_origin': ('다른 페이지에서 온 요청은 받지 않습니다.',
                   'A request from another page is not taken.'),
    'bad_request': ('요청의 형식이 잘못되었습니다.', 'The request is malformed.'),
    'bad_value': ('요청의 값이 잘못되었습니다: {detail}', 'The request is wrong: {detail}'),
    'not_json': ('요청 본문은 JSON이어야 합니다.', 'The body of a request must be JSON.'),
    'too_large': ('요청이 너무 큽니다.', 'The request is too large.'),
    'too_slow': ('요청 본문이 제때 오지 않았습니다.',
                 'The body of the request did not come in time.'),
    'not_found': ('그런 주소는 없습니다.', 'There is no such address.'),
    'bad_method': ('이 주소는 그 방법으로 쓸 수 없습니다.',
                   'The address does not take this method.'),
    'no_login': ('로그인하십시오.', 'Log in first.'),
    'wrong_login': ('이름 또는 암호가 틀렸습니다.', 'Name or password is wrong.'),
    'too_many_logins': ('로그인 시도가 너무 많습니다. {detail}초 뒤에 다시 하십시오.',
                        'Too many attempts to log in; try again in {detail} s.'),
    'wrong_role': ('이 작업을 할 권한이 없습니다.', 'Your role does not permit this.'),
    'no_csrf': ('페이지를 새로 고친 뒤 다시 하십시오(CSRF 토큰이 틀림).',
                'Reload the page and try again: the CSRF token is wrong.'),
    'too_many': ('연결이 너무 많습니다. 다른 페이지를 닫으십시오.',
                 'Too many connections; close other pages.'),
    'too_many_wishes': ('앞의 요청이 아직 처리되지 않았습니다. 잠시 뒤에 다시 하십시오.',
                        'Earlier wishes of this page are not done yet; try again in a moment.'),
    'hand_taken': ('지금 {detail} 님이 손으로 조작하고 있습니다.',
                   '{detail} is moving the arm by hand now.'),
    'hand_not_taken': ('먼저 수동 조작을 잡으십시오.', 'Take the hand first.'),
    'no_episodes': ('이 사이트는 기록하지 않습니다.', 'This site records nothing.'),
    'no_episode': ('그런 기록이 없습니다.', 'There is no such episode.'),
    'no_film': ('이 기록으로는 영상을 만들 수 없습니다: {detail}',
                'No film can be made of this episode: {detail}'),
    'film_busy': ('다른 영상을 만드는 중입니다. 잠시 뒤에 다시 하십시오.',
                  'Other films are being made; try again in a moment.'),
    'cell_silent': ('셀이 제때 응답하지 않았습니다.', 'The cell did not answer in time.'),
    'internal': ('콘솔 내부 오류입니다. 콘솔의 로그를 확인하십시오.',
                 'An internal error of the console; see its log.'),
    'stop_sent': ('정지를 보냈습니다.', 'The stop was sent.'),
    'done': ('처리했습니다.', 'Done.'),
}


def refusal(code: str, detail: str = '') -> Answer:
    """Return the answer that refuses with `code`."""
    ko, en = WORDINGS[code]
    return Answer(False, code, ko.format(detail=detail), en.format(detail=detail))


def accepted(code: str = 'done', **data: object) -> Answer:
    """Return the answer of a wish that was taken."""
    ko, en = WORDINGS[code]
    return Answer(True, '', ko, en, data)
