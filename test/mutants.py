"""Files with mistakes in them, the same ones at every run."""


def mutated(data, chance):
    """Return bytes with one to four places changed, doubled, lost or swapped."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randrange(len(data)), chance.randint(1, 30)
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at:at + length]
            case 2:
                data[at:at] = data[at:at + length]
            case _:
                other = chance.randrange(len(data))
                data[at:at + length] = data[other:other + length]
    return bytes(data)
