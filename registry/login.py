"""The form with which people log in to the admin."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from registry.services.login_attempts import Attempt, MustWait


class LoginForm(AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        account = self.cleaned_data.get("username")
        if not account or not self.cleaned_data.get("password"):
            return super().clean()
        attempt = Attempt(self.request, account)
        try:
            attempt.begin()
        except MustWait as error:
            raise ValidationError(str(error), code="must-wait") from error
        cleaned: dict[str, Any] = super().clean()
        # AdminSessionMiddleware hands it to the browser.
        self.request.known_browser = attempt.succeeded()
        return cleaned
