"""The science of service: plain functions of numbers, usable without a server.

No Django, no clock, no files, no global state: everything arrives as an argument and leaves as a frozen
record that says which method and options made it, from how many, and what was left out. Input that cannot be
used raises `MethodError`, which says which input and why; a result never holds NaN where a sentence should stand.

Arrays are numpy's; missing values are NaN and are counted. Positions in answers are 0-based, unless a record
says otherwise. Each method has a page in docs/methods/: formulas, sources, checked figures.
"""
