"""Other commands start as before: what the methods need is loaded when one is run."""

import os
import subprocess
import sys

HEAVY = (
    "numpy",
    "scipy",
    "yaml",
    "jinja2",
    "python_calamine",
    "xlsxwriter",
    "weasyprint",
)


def test_the_table_of_commands_loads_no_science():
    code = f"import sys, zhike.cli.main; print([one for one in {HEAVY} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_analysis_needs_no_settings_and_no_data_folder(tmp_path):
    """Not even one: neither a database nor the program's settings take part."""
    (tmp_path / "n.csv").write_text("score\n9\n10\n3\n")
    code = (
        "import sys\nfrom zhike.cli.main import app\n"
        "try:\n    app(['analyze', 'nps', 'n.csv', '--report', 'r.pdf'])\n"
        "except SystemExit as done:\n    assert not done.code\n"
        "print('set up' if 'django.apps.registry' in sys.modules else 'plain')"
    )
    environment = {name: value for name, value in os.environ.items() if "DJANGO" not in name}
    environment["ZHIKE_DATA"] = str(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "data").exists()
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
