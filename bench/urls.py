from django.urls import path

from bench.bare import bare, bare_by_jinja
from zhike.config.urls import *  # noqa: F403
from zhike.config.urls import urlpatterns as of_the_program

urlpatterns = [path("bare/", bare), path("bare-by-jinja/", bare_by_jinja), *of_the_program]
