"""What a monitoring system reads at `/metrics`, in the format of Prometheus.

`counted`: what this group of processes has done, from counters in memory. `measured`: what stands in the database
now; every process tells the same, so take the maximum, not the sum. Rooms above add theirs to the slot
`measured.SOURCES`.
Names, meanings and alerts: docs/operate.md. No label may name a person, a customer or a case.
"""
