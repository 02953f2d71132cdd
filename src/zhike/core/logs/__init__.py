"""The log: one line for each request and each job, text for people or JSON for machines.

Code logs through `logging` as ever. What it belongs to (the request, the job) is bound once and stands in every
line; whoever writes it out (`core.redaction`) masks secrets and personal numbers first.
"""
