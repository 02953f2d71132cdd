from django.urls import path

from bench.bare import bare
from zhike.config.urls import *  # noqa: F403
from zhike.config.urls import urlpatterns as of_the_program

urlpatterns = [path("bare/", bare), *of_the_program]
