"""An operator's sentence in a company's words: reading, meaning, checking, and the dialogue.

Text becomes tokens and drafts of deeds (`reading`), drafts become steps in ids of the company
(`meaning`, `ordering`), and steps are checked against facts and rules (`checking`). `order` is the
contract between them, `understanding` puts them in a row, `dialogue` takes replies, and `grounder`
makes goals of what may be done.
"""
