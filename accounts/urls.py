"""Signing in (django-allauth, by its own names) and one's own account.

The parts of allauth that would let people make accounts or change the address that they are known by are left out.
"""

from allauth.account import views as sign_in
from allauth.mfa.totp.views import activate_totp
from allauth.mfa.webauthn.views import add_webauthn
from allauth.socialaccount import views as sign_on
from django.db import transaction
from django.urls import include, path, re_path

from accounts.proof import require_fresh_proof
from accounts.views import account, leave, people, posts, rota

own = [
    path("", account.show_account, name="show-account"),
    path("stay/", account.stay_signed_in, name="stay-signed-in"),
    path("second-step/", account.set_up_second_factor, name="set-up-second-factor"),
    path("sign-on/prove/", account.prove_by_sign_on, name="prove-by-sign-on"),
    path("leave/", leave.list_leave, name="list-leave"),
    path("leave/add/", leave.add_leave, name="add-leave"),
    path("leave/cancel/", leave.cancel_leave, name="cancel-leave"),
    path("duty/", rota.list_rota, name="list-rota"),
    path("duty/add/", rota.add_shift, name="add-shift"),
    path("duty/cancel/", rota.cancel_own_shift, name="cancel-shift"),
]

signing_in = [
    path("login/", sign_in.login, name="account_login"),
    path("logout/", sign_in.logout, name="account_logout"),
    path("inactive/", sign_in.account_inactive, name="account_inactive"),
    path("reauthenticate/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("password/change/", sign_in.password_change, name="account_change_password"),
    path("password/set/", account.show_no_password, name="account_set_password"),
    path("password/reset/", sign_in.password_reset, name="account_reset_password"),
    path("password/reset/done/", sign_in.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        sign_in.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # A second factor counts as proof of identity, so adding one needs proof, also from an account without a password.
    path("2fa/totp/activate/", require_fresh_proof(activate_totp), name="mfa_activate_totp"),
    # In one transaction with its event; allauth's other changes of second steps are in one already.
    path("2fa/webauthn/add/", require_fresh_proof(transaction.atomic(add_webauthn)), name="mfa_add_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", account.remove_key, name="mfa_remove_webauthn"),
    path("2fa/recovery-codes/", account.show_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/download/", account.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("2fa/", include("allauth.mfa.urls")),
    path("sign-on/cancelled/", sign_on.login_cancelled, name="socialaccount_login_cancelled"),
    path("sign-on/error/", sign_on.login_error, name="socialaccount_login_error"),
    path("sign-on/signup/", sign_on.signup, name="socialaccount_signup"),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
]

# For administrators; leads see who holds what, appoint champions and give the second view.
about_people = [
    path("", people.list_people, name="list-people"),
    path("add/", people.add_person, name="add-person"),
    path("<int:pk>/", people.show_person, name="show-person"),
    path("<int:pk>/change/", people.change_person, name="change-person"),
    path("<int:pk>/deactivate/", people.deactivate_person, name="deactivate-person"),
    path("<int:pk>/reactivate/", people.reactivate_person, name="reactivate-person"),
    path("<int:pk>/second-step/", people.reset_second_factor, name="reset-second-factor"),
    path("<int:pk>/role/", posts.give_post, name="give-post"),
    path("<int:pk>/role/<slug:post>/end/", posts.end_role, name="end-role"),
    path("<int:pk>/champion/<slug:area>/end/", posts.end_champion, name="end-champion"),
    path("<int:pk>/proposed/<int:number>/", posts.view_proposal, name="view-post"),
]

urlpatterns = [
    path("account/", include((own, "accounts"))),
    path("people/", include((about_people, "people"))),
    path("account/", include(signing_in)),
]
