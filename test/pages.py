"""Reads a page as a browser would, for the tests of reports."""
from html.parser import HTMLParser

VOID = {'meta', 'img', 'line', 'rect', 'path', 'br', 'circle', 'link', 'input'}


class Page(HTMLParser):
    """Collects what a browser would load, the text it would show, and unclosed elements."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.words, self.open, self.scripts = [], [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == 'script'
        self.loads += [v for k, v in attrs if k in ('src', 'srcset', 'poster', 'data')]
        self.loads += [v for k, v in attrs if k == 'href' and tag != 'a']
        assert not any(k.startswith('on') for k, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
