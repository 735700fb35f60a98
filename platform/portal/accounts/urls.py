"""The pages of accounts: on each hospital's host, and on the vendor's for the vendor's own people."""

from django.urls import path

from portal.accounts.views import account, passwords, second_step, set_up, signing_in

app_name = "accounts"

urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-in/code/", second_step.code, name="code"),
    path("sign-in/recovery-code/", second_step.recovery, name="recovery"),
    path("sign-in/help/", signing_in.cannot_sign_in, name="cannot_sign_in"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("signed-out/", signing_in.signed_out, name="signed_out"),
    path("set-up/", set_up.second_factor, name="second_factor"),
    path("set-up/recovery-codes/", set_up.recovery_codes, name="recovery_codes"),
    path("set-up/recovery-codes/download/", set_up.download_recovery_codes, name="download_recovery_codes"),
    path("set-up/recovery-codes/new/", set_up.new_recovery_codes, name="new_recovery_codes"),
    path("password/forgotten/", passwords.forgotten, name="forgotten"),
    path("password/forgotten/sent/", passwords.forgotten_sent, name="forgotten_sent"),
    path("password/choose/", passwords.choose, name="choose_password"),
    path("link/<str:token>/", passwords.link, name="link"),
    path("account/", account.account, name="account"),
    path("account/language/", account.language, name="language"),
    path("account/appearance/", account.appearance, name="appearance"),
    path("account/password/", passwords.change, name="password_change"),
    path("account/second-step/", account.second_step, name="second_step"),
    path("account/confirm/", second_step.confirm, name="confirm"),
    path("staff/", account.staff, name="staff"),
]
