"""Nine tests of ability of 301 pupils, as correlations and standard deviations (n - 1).

Holzinger and Swineford (1939), A Study in Factor Analysis, Supplementary Educational Monographs 48, University of
Chicago; x1-x9 in the units in which later textbooks print them.
"""

import numpy as np

NAMES = ["x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9"]
BLOCKS = {"visual": NAMES[:3], "textual": NAMES[3:6], "speed": NAMES[6:]}
N = 301
# Below the diagonal, row after row.
LOWER = [
    [0.2973455110],
    [0.4406679953, 0.3398489810],
    [0.3727062653, 0.1529301874, 0.1586395668],
    [0.2934436891, 0.1393874893, 0.0771982257, 0.7331701664],
    [0.3567701873, 0.1925319016, 0.1976610216, 0.7044802419, 0.7199555403],
    [0.0668639157, -0.0756689160, 0.0719310475, 0.1738291171, 0.1020447526, 0.1211016963],
    [
        0.2239267692,
        0.0922792282,
        0.1860126325,
        0.1068983752,
        0.1386699813,
        0.1496113231,
        0.4867579257,
    ],
    [
        0.3903404142,
        0.2060405687,
        0.3286506134,
        0.2078483056,
        0.2274664165,
        0.2141617428,
        0.3406457190,
        0.4490154475,
    ],
]
SDS = [
    1.1674321158,
    1.1774505560,
    1.1309794031,
    1.1641162841,
    1.2904721551,
    1.0956031395,
    1.0895335068,
    1.0126151412,
    1.0091517310,
]

CORRELATIONS = np.eye(9)
for _at, _row in enumerate(LOWER, start=1):
    CORRELATIONS[_at, :_at] = CORRELATIONS[:_at, _at] = _row
