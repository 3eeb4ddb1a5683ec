from __future__ import annotations

from django.urls import path

from staff.views import enrolment, my_sign_in, signing_in, signing_out

app_name = "staff"
urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-in/code/", signing_in.enter_code, name="enter_code"),
    path("sign-in/recovery-code/", signing_in.enter_recovery_code, name="enter_recovery_code"),
    path("sign-in/password/", enrolment.choose_password, name="choose_password"),
    path("sign-in/set-up/", enrolment.set_up_second_factor, name="set_up_second_factor"),
    path("sign-in/recovery-codes/", enrolment.store_recovery_codes, name="store_recovery_codes"),
    path("sign-out/", signing_out.sign_out, name="sign_out"),
    path("my-sign-in/", my_sign_in.my_sign_in, name="my_sign_in"),
    path("my-sign-in/password/", my_sign_in.change_password, name="change_password"),
    path("my-sign-in/recovery-codes/", my_sign_in.new_recovery_codes, name="new_recovery_codes"),
    path("my-sign-in/recovery-codes/stored/", my_sign_in.confirm_recovery_codes, name="confirm_recovery_codes"),
]
