"""The form of the native API's answers, for its description."""

from __future__ import annotations

from rest_framework import serializers


class ImageSize(serializers.Serializer):
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class RanPackage(serializers.Serializer):
    package_id = serializers.CharField()
    backend = serializers.CharField()
    quantization = serializers.CharField()
    why = serializers.CharField(help_text="Why this package and no other.")


class PicturePredictions(serializers.Serializer):
    image = ImageSize(help_text="The upright picture.", required=False)
    original_image = ImageSize(required=False, help_text="Where boxes and masks lie on the grid of the masks.")
    predictions = serializers.JSONField(
        required=False,
        help_text="Detectors: a list of x_min, y_min, x_max, y_max in pixels of `image`, class, class_id, confidence; "
        "with masks also mask_format and points or rle. Classifiers: a list of class, class_id, confidence, or, where "
        "several classes may apply, an object by class name.",
    )
    top = serializers.CharField(required=False, help_text="Classifiers: the class with the highest confidence.")
    confidence = serializers.FloatField(required=False, help_text="Classifiers: that confidence.")
    predicted_classes = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Classifiers of several classes: those that apply."
    )


class InferAnswer(PicturePredictions):
    """One picture is answered flat, several under `results`, in their order."""

    model_id = serializers.CharField()
    package = RanPackage()
    results = PicturePredictions(many=True, required=False)
    timings = serializers.DictField(child=serializers.FloatField(), help_text="Milliseconds by stage.")
    explanation = serializers.DictField(required=False, help_text="With `explain=1`.")
