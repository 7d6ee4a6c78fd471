"""What test/knowledge/test_store.py starts as processes of their own."""
from lam_ws.knowledge.knowledge import Fact
from lam_ws.knowledge.store import Store


def facts_of(version, count=400):
    """Return facts that all say which version they are of."""
    return [Fact(f'part_{k}', 'mass_kg', str(version), f'parts.csv:{k + 2}:mass_kg', 'X')
            for k in range(count)]


def look(path, rounds, answer):
    """Put how many of many looks at the file saw anything but one whole version."""
    torn = 0
    for _ in range(rounds):
        with Store(path) as store:
            values = [fact.object for fact in store.facts()]
            torn += len(values) != 400 or {store.version} != set(values)
    answer.put(torn)
