"""Models, their aliases, and what they depend on."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db import models

from registry.limits import (
    CLASS_NAME_LENGTH,
    MAX_CLASS_NAMES,
    MODEL_ID_LENGTH,
    NAME_LENGTH,
    RESERVED_FIRST_SEGMENTS,
    RESERVED_IDS,
    RESERVED_LAST_SEGMENTS,
)
from registry.models.workspace import Workspace

_ID = re.compile(r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+)*")
_VERSION_AT_THE_END = re.compile(r"[ _-]+v(?:ersion)?[ ._-]?(\d[\d.]*)$", re.IGNORECASE)


def validate_model_id(value: str) -> None:
    """Refuse what some client cannot ask for, with the id that was probably meant.

    The AutoModel client sends an id in a query; the SDK writes it into a path as it is, where blanks, `?`, `#` and `..`
    would become something else, and so do people who type it into a shell. Slashes are part of the id. The first and
    the last part must leave the addresses of this server alone.
    """
    if value and _ID.fullmatch(value) is None:
        raise ValidationError(
            "A model id is made of letters, digits, `.`, `_` and `-`, in parts joined by `/`, such as `defects/3`."
            + _instead(value),
            code="characters",
        )
    if not value:
        raise ValidationError("A model id is not blank.", code="blank")
    parts = value.split("/")
    first, last = parts[0], parts[-1]
    if first.lower() in RESERVED_FIRST_SEGMENTS or value.lower() in RESERVED_IDS:
        taken = value if value.lower() in RESERVED_IDS else first
        raise ValidationError(f"`{taken}` is an address of the server itself.{_instead(value)}", code="reserved")
    if len(parts) > 1 and last in RESERVED_LAST_SEGMENTS:
        raise ValidationError(
            f"A model id does not end in `/{last}`, with which addresses of models end.{_instead(value)}",
            code="reserved",
        )


def proposed_model_id(value: str) -> str | None:
    """An id like ``value`` that `validate_model_id` takes: "My Defects v1" becomes `my-defects/1`. None for nothing."""
    text = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().strip().lower()
    if "/" not in text:
        text = _VERSION_AT_THE_END.sub(r"/\1", text)
    parts = [re.sub(r"[^a-z0-9._-]+", "-", part).strip("-.") for part in text.split("/")]
    proposal = "/".join(part for part in parts if part)
    if proposal.partition("/")[0] in RESERVED_FIRST_SEGMENTS or proposal in RESERVED_IDS:
        proposal = f"my-{proposal}"
    if proposal.rpartition("/")[2] in RESERVED_LAST_SEGMENTS and "/" in proposal:
        proposal = f"{proposal}-1"
    return proposal[:MODEL_ID_LENGTH] or None


def _instead(value: str) -> str:
    proposal = proposed_model_id(value)
    return f" Take `{proposal}` instead." if proposal else ""


def validate_class_names(value: object) -> None:
    """Class names are a list of strings that a `class_names.txt` can hold: a name a line, none blank."""
    if not isinstance(value, list) or len(value) > MAX_CLASS_NAMES:
        raise ValidationError(f"Class names are a list of at most {MAX_CLASS_NAMES} names.", code="list")
    for name in value:
        if not isinstance(name, str) or not name.strip() or len(name) > CLASS_NAME_LENGTH or set(name) & {"\n", "\r"}:
            raise ValidationError("Each class name is a line of text that is not blank.", code="name")


def validate_recommended_parameters(value: object) -> None:
    """Recommended parameters as clients read them: `{confidence?: number, perClassConfidence?: {name: number}}`."""
    if value is None:
        return
    if not isinstance(value, dict) or set(value) - {"confidence", "perClassConfidence"}:
        raise ValidationError("Only `confidence` and `perClassConfidence` can be recommended.", code="keys")

    def is_confidence(number: object) -> bool:
        return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1

    confidence = value.get("confidence")
    if confidence is not None and not is_confidence(confidence):
        raise ValidationError("`confidence` is a number from 0 to 1.", code="confidence")
    per_class = value.get("perClassConfidence")
    if per_class is not None and not (
        isinstance(per_class, dict) and all(is_confidence(number) for number in per_class.values())
    ):
        raise ValidationError("`perClassConfidence` gives each class name a number from 0 to 1.", code="per-class")


class Model(models.Model):
    """Weights trained on a dataset. Its id is unique on the whole server: a client sends nothing but the id."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="models")
    model_id = models.CharField(
        "model id", max_length=MODEL_ID_LENGTH, unique=True, validators=[validate_model_id],
        help_text="What clients ask for, such as `defects/3`. Cannot change once a package is published.",
    )  # fmt: skip
    architecture = models.CharField(max_length=NAME_LENGTH, help_text="Such as `yolov8` or `rfdetr`.")
    task_type = models.CharField(max_length=NAME_LENGTH, help_text="Such as `object-detection`.")
    variant = models.CharField(max_length=NAME_LENGTH, blank=True, help_text="Such as `yolov8n`; for display only.")
    class_names = models.JSONField(default=list, blank=True, validators=[validate_class_names])
    recommended_parameters = models.JSONField(
        null=True, blank=True, validators=[validate_recommended_parameters],
        help_text="Copied into packages when they are published; packages that are published keep theirs.",
    )  # fmt: skip
    is_public = models.BooleanField("public", default=False, help_text="Readable without a token.")
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["model_id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(model_id=""), name="model_id_not_blank"),
            models.CheckConstraint(condition=~models.Q(architecture=""), name="model_architecture_not_blank"),
            models.CheckConstraint(condition=~models.Q(task_type=""), name="model_task_type_not_blank"),
        ]

    def __str__(self) -> str:
        return self.model_id

    def clean(self) -> None:
        if ModelAlias.objects.filter(alias=self.model_id).exists():
            raise ValidationError({"model_id": "Another model has this id as an alias."})


class ModelAlias(models.Model):
    """Another id of a model. Models and aliases share one namespace: a trigger refuses a clash."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="aliases")
    alias = models.CharField(max_length=MODEL_ID_LENGTH, unique=True, validators=[validate_model_id])

    class Meta:
        ordering = ["alias"]
        verbose_name = "alias"
        verbose_name_plural = "aliases"
        constraints = [models.CheckConstraint(condition=~models.Q(alias=""), name="alias_not_blank")]

    def __str__(self) -> str:
        return self.alias

    def clean(self) -> None:
        if Model.objects.filter(model_id=self.alias).exists():
            raise ValidationError({"alias": "A model has this id."})


class ModelDependency(models.Model):
    """A model that must be loaded before another, one level deep: a dependency has no dependencies."""

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="dependencies")
    name = models.CharField(max_length=NAME_LENGTH, help_text="The name the model's code asks for.")
    depends_on = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="dependents")
    pinned_package_id = models.CharField(
        max_length=32, blank=True, help_text="Empty: the client chooses the dependency's package itself."
    )

    class Meta:
        ordering = ["name"]
        verbose_name = "dependency"
        verbose_name_plural = "dependencies"
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="dependency_name_once_per_model"),
            models.CheckConstraint(condition=~models.Q(model=models.F("depends_on")), name="dependency_not_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.depends_on}"

    def clean(self) -> None:
        if self.depends_on_id is None or self.model_id is None:
            return
        if ModelDependency.objects.filter(model_id=self.depends_on_id).exists():
            raise ValidationError({"depends_on": "That model has dependencies itself; clients follow one level only."})
        if ModelDependency.objects.filter(depends_on_id=self.model_id).exists():
            raise ValidationError("Another model depends on this one; clients follow one level only.")
