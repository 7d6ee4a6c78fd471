"""What can be wrong with a recording while it is made, in words a person can act on.

A code and figures go in, a sentence in Korean and one in English come out. Codes are stable: they
stand in verdicts, and programs read them.
"""
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

CAMERA_SILENT, CAMERA_SLOW, IMAGES_DROPPED = 'camera_silent', 'camera_slow', 'images_dropped'
NOT_TOGETHER, JOINTS_SILENT = 'not_together', 'joints_silent'
DISK_LOW, DISK_SLOW, RECORDING_ENDED = 'disk_low', 'disk_slow', 'recording_ended'


class Fault(NamedTuple):
    """One thing that is wrong, `measured` and `allowed` in the unit of its wording."""

    code: str
    where: str = ''
    measured: float = 0.0
    allowed: float = 0.0


#: code: (Korean, English); {where}, {measured} and {allowed} are filled in.
WORDINGS: Mapping[str, tuple[str, str]] = MappingProxyType({
    CAMERA_SILENT: (
        '{where} 카메라 영상이 {measured:.1f}초째 오지 않습니다. 카메라와 케이블을 점검하십시오.',
        'No image of the camera {where} for {measured:.1f} s. Check the camera and its cable.'),
    CAMERA_SLOW: (
        '{where} 카메라가 초당 {allowed:g}장이 아니라 {measured:.1f}장을 보냅니다. 조명(노출)과 '
        '다른 프로그램의 부하를 확인하십시오.',
        'The camera {where} gives {measured:.1f} images a second instead of {allowed:g}. Look at '
        'the light (exposure) and at what else the computer does.'),
    IMAGES_DROPPED: (
        '{where} 카메라 영상 {measured:.0f}장이 빠졌습니다. 다시 녹화하는 것이 좋습니다.',
        '{measured:.0f} images of the camera {where} are missing. Better record it anew.'),
    NOT_TOGETHER: (
        '{where}의 시각이 {measured:.3f}초 어긋납니다(허용 {allowed:.3f}초). 시계 동기를 '
        '확인하십시오.',
        'The stamps of {where} are {measured:.3f} s apart (allowed {allowed:.3f} s). Check that '
        'their clocks are synchronised.'),
    JOINTS_SILENT: (
        '관절 상태가 {measured:.1f}초째 오지 않습니다. 로봇 팔과 드라이버를 점검하십시오.',
        'No joint state for {measured:.1f} s. Check the arm and its driver.'),
    DISK_LOW: (
        '디스크에 {measured:.0f}초 분량만 남았습니다. 공간을 비우십시오.',
        'The disk has room for {measured:.0f} s more. Make room.'),
    DISK_SLOW: (
        '디스크가 느려 기록이 {measured:.1f}초 밀렸습니다. 다른 디스크를 쓰거나 부하를 '
        '줄이십시오.',
        'The disk is slow: writing is {measured:.1f} s behind. Use another disk, or do less.'),
    RECORDING_ENDED: (
        '녹화가 중단되었습니다: {where}. 지금까지 기록된 것은 남아 있습니다.',
        'The recording ended: {where}. What was written until then is kept.'),
})


def words(fault: Fault, language: str = 'en') -> str:
    """Return a fault as a sentence; `language` is 'ko' or 'en'."""
    korean, english = WORDINGS[fault.code]
    text = korean if language == 'ko' else english
    return text.format(where=fault.where, measured=fault.measured, allowed=fault.allowed)


def both(fault: Fault) -> str:
    """Return a fault in Korean and English, for messages that have one field for it."""
    return f'{words(fault, "ko")} / {words(fault, "en")}'
