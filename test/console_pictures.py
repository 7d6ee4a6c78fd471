"""Makes the pictures of docs/howto_console_page.md from a real cell in a real browser.

python test/console_pictures.py
"""
from pathlib import Path
import tempfile

import chromium
from chromium import eventually, PANEL, PHONE, Window
import console_cell

FOLDER = Path(__file__).resolve().parents[1] / 'docs' / 'images'
LONG_MS = 120_000


def shoot(page, name):
    """Write a picture with a palette, which is a third of the size."""
    import cv2
    path = FOLDER / f'{name}.png'
    page.screenshot(path=path)
    picture = cv2.imread(str(path))
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    print(path.name, path.stat().st_size)


def armed(window):
    """Have motion permitted."""
    def ready():
        for button in ('#reset', '#arm'):
            window.poke(button)
        window.page.wait_for_timeout(500)
        return window.page.get_attribute('#guard', 'data-state') in ('armed', 'running')
    assert eventually(ready, 60.0)


def panel(window):
    """Go through the pages in Korean."""
    page = window.page
    armed(window)
    shoot(page, 'console_ready')
    page.fill('#instruction', '빨간 큐브를 하얀 통에 넣어')
    page.keyboard.press('Enter')
    page.wait_for_selector('#task[data-phase=running]', timeout=LONG_MS)
    page.wait_for_timeout(3000)
    shoot(page, 'console_work')
    page.wait_for_selector('#task[data-phase=succeeded], #task[data-phase=failed]',
                           timeout=LONG_MS)
    page.click('#why')
    page.wait_for_timeout(800)
    shoot(page, 'console_why')
    armed(window)
    window.take()
    window.press('.push[data-axis="2"][data-direction="1"]')
    page.wait_for_timeout(1200)
    shoot(page, 'console_move')
    page.mouse.up()
    page.check('input[name=mode][value=joint]', force=True)
    page.wait_for_timeout(400)
    shoot(page, 'console_joints')
    page.click('#tab-record')
    page.fill('#record-text', '빨간 큐브를 들어')
    page.click('#record-start')
    page.wait_for_selector('#recorder[data-on=true]')
    page.wait_for_timeout(3000)
    shoot(page, 'console_record')
    page.click('#record-success')
    page.wait_for_selector('#recorder[data-on=false]')
    for tab in ('episodes', 'plots', 'health'):
        page.click(f'#tab-{tab}')
        page.wait_for_timeout(1500)
        shoot(page, f'console_{tab}')


def phone(window):
    """Show a stop on a phone, in English."""
    page = window.page
    page.click('#tab-move')
    page.wait_for_timeout(1500)
    shoot(page, 'console_phone_move')
    page.click('#tab-work')
    page.tap('#stop')
    page.wait_for_selector('#guard[data-state=stopped]')
    page.wait_for_timeout(1500)
    shoot(page, 'console_phone')


def main():
    """Run a cell and look at it."""
    from lam_ws.nodes.environment import free_domain
    with tempfile.TemporaryDirectory() as folder, free_domain() as domain, \
            console_cell.running(Path(folder), domain) as url, chromium.engine() as kind:
        browser = chromium.started(kind)
        for language, view, act in (('ko', PANEL, panel), ('en', PHONE, phone)):
            window = Window(browser, language, view)
            window.log_in(url)
            act(window)
            window.close()
        browser.close()


if __name__ == '__main__':
    main()
