"""The jobs child. It lies here because `core.jobs` needs Django set up before it is imported.

`python -m zhike.core.serving.jobs`, with DJANGO_SETTINGS_MODULE set."""

from zhike.core.serving import lifeline

if __name__ == "__main__":
    lifeline.hold_to_starter()
    import django

    django.setup()
    from zhike.core.metrics.listening import tell_figures

    tell_figures()
    from zhike.core.jobs.discovery import discover
    from zhike.core.jobs.worker import Worker

    discover()
    Worker().run()
