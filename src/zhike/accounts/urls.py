from django.urls import path

from zhike.accounts.views import (
    people,
    second_factor,
    security,
    session,
    sessions,
    single_sign_on,
    tokens,
)

app_name = "accounts"
urlpatterns = [
    path("sign-in/", session.sign_in, name="sign-in"),
    path("sign-in/code/", second_factor.sign_in_code, name="sign-in-code"),
    path("sign-in/company/", single_sign_on.company_sign_in, name="company-sign-in"),
    path("sign-in/company/back/", single_sign_on.company_sign_in_back, name="company-sign-in-back"),
    path("sign-out/", session.sign_out, name="sign-out"),
    path("setup/", session.set_up, name="setup"),
    path("password/", session.change_password, name="password"),
    path("language/", session.choose_language, name="language"),
    path("people/", people.people, name="people"),
    path("people/new/", people.person_create, name="person-create"),
    path("people/<int:pk>/", people.person_edit, name="person"),
    path("people/<int:pk>/password/", people.person_password, name="person-password"),
    path("units/new/", people.unit_create, name="unit-create"),
    path("units/<int:pk>/", people.unit_edit, name="unit"),
    path("roles/", people.roles, name="roles"),
    path("roles/new/", people.role_form, name="role-create"),
    path("roles/<int:pk>/", people.role_form, name="role"),
    path("second-step/", second_factor.second_factor, name="second-factor"),
    path(
        "people/<int:pk>/second-step/reset/",
        second_factor.person_reset,
        name="person-second-factor-reset",
    ),
    path("sessions/", sessions.own_sessions, name="sessions"),
    path("sessions/end-others/", sessions.end_other_sessions, name="sessions-end-others"),
    path("sessions/<str:handle>/end/", sessions.end_session, name="session-end"),
    path("people/<int:pk>/sessions/end/", sessions.person_end_sessions, name="person-sessions-end"),
    path("security/", security.security, name="security"),
    path("security/unlock/<int:pk>/", security.unlock, name="unlock"),
    path("single-sign-on/", single_sign_on.single_sign_on, name="single-sign-on"),
    path("identities/<int:pk>/forget/", single_sign_on.identity_forget, name="identity-forget"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
]
