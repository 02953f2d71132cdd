"""Small published data the figures are reckoned from."""

# Montgomery, Introduction to Statistical Quality Control, ch. 7: nonconforming cans in samples of 50.
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22]
CANS += [8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]

# Fader, Hardie 2007: customers left after each of seven years.
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]

# Choosing a leader: how many times more each criterion counts than each other.
LEADER = [
    [1.0, 4, 3, 7],
    [1 / 4, 1, 1 / 3, 3],
    [1 / 3, 3, 1, 5],
    [1 / 7, 1 / 3, 1 / 5, 1],
]

# The ECSI model as Tenenhaus, Esposito Vinzi, Chatelin and Lauro (2005) estimate it: 7 blocks, 24 items.
ECSI_BLOCKS = {
    "Image": ["IMAG1", "IMAG2", "IMAG3", "IMAG4", "IMAG5"],
    "Expectation": ["CUEX1", "CUEX2", "CUEX3"],
    "Quality": ["PERQ1", "PERQ2", "PERQ3", "PERQ4", "PERQ5", "PERQ6", "PERQ7"],
    "Value": ["PERV1", "PERV2"],
    "Satisfaction": ["CUSA1", "CUSA2", "CUSA3"],
    "Complaints": ["CUSCO"],
    "Loyalty": ["CUSL1", "CUSL2", "CUSL3"],
}
ECSI_PATHS = {
    "Image": ["Expectation", "Satisfaction", "Loyalty"],
    "Expectation": ["Quality", "Value", "Satisfaction"],
    "Quality": ["Value", "Satisfaction"],
    "Value": ["Satisfaction"],
    "Satisfaction": ["Complaints", "Loyalty"],
    "Complaints": ["Loyalty"],
}
# What they printed: path coefficients and R², items centred on 0-100, centroid scheme.
ECSI_PRINTED = {
    "Image->Expectation": ".493",
    "Expectation->Quality": ".545",
    "Expectation->Value": ".066",
    "Quality->Value": ".540",
    "Image->Satisfaction": ".153",
    "Expectation->Satisfaction": ".037",
    "Quality->Satisfaction": ".544",
    "Value->Satisfaction": ".200",
    "Satisfaction->Complaints": ".540",
    "Image->Loyalty": ".212",
    "Satisfaction->Loyalty": ".466",
    "Complaints->Loyalty": ".05",
}
ECSI_R2 = {
    "Expectation": ".243",
    "Quality": ".297",
    "Value": ".335",
    "Satisfaction": ".672",
    "Complaints": ".292",
    "Loyalty": ".432",
}
