"""The people of the test in the deployed database, and how they sign in, as JSON. Runs in a process of its own."""

import json
import sys


def main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from tests.cast import PASSWORD, Staff, make_cast, make_staff, make_unit
    from zhike.accounts.services.tokens import create_token
    from zhike.core.access import everything
    from zhike.core.work import Actor

    cast = make_cast()
    quality = make_unit("品质部", cast.company, "department")
    zhang = make_staff("3001", "张工", quality, "department_owner")

    def token(staff: Staff) -> str:
        _row, text = create_token(
            actor=Actor.system("tests"),
            grants=everything("tests"),
            user=staff.user,
            label="tests",
            scopes=("read", "write"),
        )
        return text

    people = {"lin": cast.lin, "wang": cast.wang, "zhang": zhang}
    # Under HTTPS the cookie has another name.
    name = settings.SESSION_COOKIE_NAME
    told = {
        "tokens": {name: token(one) for name, one in people.items()},
        "ids": {name: one.user.pk for name, one in people.items()},
        "cookie": f"{name}={cast.wang.client().cookies[name].value}",
        "staff_number": cast.lin.user.staff_number,
        "password": PASSWORD,
        "quality": quality.pk,
        "zhoukou": cast.zhoukou.pk,
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
