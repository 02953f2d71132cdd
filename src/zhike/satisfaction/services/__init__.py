from zhike.satisfaction.services.judging import drop_judging, save_judging
from zhike.satisfaction.services.modelling import set_path_model
from zhike.satisfaction.services.runs import ask_for_run, carry_out_run
from zhike.satisfaction.services.systems import make_system, set_weighing

__all__ = [
    "ask_for_run",
    "carry_out_run",
    "drop_judging",
    "make_system",
    "save_judging",
    "set_path_model",
    "set_weighing",
]
