"""The shapes of answers, for the description of the API. Tests hold the answers to them."""

from __future__ import annotations

from rest_framework import serializers


class ModelHead(serializers.Serializer):
    model_id = serializers.CharField()
    workspace = serializers.CharField()
    architecture = serializers.CharField()
    task_type = serializers.CharField()
    variant = serializers.CharField(allow_blank=True)
    is_public = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class ModelLine(ModelHead):
    published_packages = serializers.IntegerField()


class ModelPage(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ModelLine(many=True)


class Dependency(serializers.Serializer):
    name = serializers.CharField()
    model_id = serializers.CharField()
    package_id = serializers.CharField(allow_null=True, help_text="Null: clients choose the package themselves.")


class PackageKind(serializers.Serializer):
    backend = serializers.CharField()
    quantization = serializers.CharField()
    dynamic_batch_size = serializers.BooleanField()
    static_batch_size = serializers.IntegerField(allow_null=True)
    trusted = serializers.BooleanField()


class PackageHead(PackageKind):
    package_id = serializers.CharField()
    announced_as = serializers.CharField(
        help_text="The id that clients know. It differs from package_id where the model depends on others."
    )
    published_at = serializers.DateTimeField(allow_null=True)


class PackageSummary(PackageHead):
    files = serializers.IntegerField(help_text="How many.")
    bytes = serializers.IntegerField()
    set_aside = serializers.BooleanField(help_text="This server passes it over, because it ended the model host.")


class ModelDescription(ModelHead):
    class_names = serializers.ListField(child=serializers.CharField())
    recommended_parameters = serializers.DictField(allow_null=True)
    aliases = serializers.ListField(child=serializers.CharField())
    dependencies = Dependency(many=True)
    packages = PackageSummary(many=True)


class FileDescription(serializers.Serializer):
    handle = serializers.CharField()
    bytes = serializers.IntegerField()
    md5 = serializers.CharField()
    sha256 = serializers.CharField()


class BenchmarkDescription(serializers.Serializer):
    fingerprint = serializers.CharField(help_text="Of the environment that it was measured in.")
    environment = serializers.DictField()
    figures = serializers.DictField()
    measured_at = serializers.DateTimeField()


class InspectionDescription(serializers.Serializer):
    facts = serializers.DictField()
    problems = serializers.ListField(child=serializers.CharField())
    trial = serializers.DictField(
        help_text="What came of loading and running it once on this server: `outcome` (passed, failed, not tried), and "
        "where known `code`, `reason`, `seconds`, `peak_memory_bytes`, `runtime`. Empty if it was never tried."
    )


class SetAsideDescription(serializers.Serializer):
    reason = serializers.CharField()
    since = serializers.DateTimeField()


class PackageDescription(PackageHead):
    model_id = serializers.CharField()
    bytes = serializers.IntegerField()
    manifest = serializers.DictField(help_text="As announced to clients, in `packageManifest`.")
    model_features = serializers.DictField(allow_null=True)
    recommended_parameters = serializers.DictField(allow_null=True)
    ir_version = serializers.IntegerField(
        allow_null=True, help_text="ONNX: version of the file's format; null where it is not known."
    )
    memory_profile = serializers.DictField(allow_null=True)
    files = FileDescription(many=True)
    benchmarks = BenchmarkDescription(many=True)
    inspection = InspectionDescription()
    set_aside = SetAsideDescription(allow_null=True)


class FieldDescription(serializers.Serializer):
    field = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    source = serializers.CharField(allow_null=True, help_text="What told the value; null where nothing did.")  # type: ignore[assignment]
    problem = serializers.CharField(allow_null=True)


class ProbeDescription(serializers.Serializer):
    name = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    value = serializers.JSONField(allow_null=True)
    problem = serializers.CharField(allow_null=True)
    milliseconds = serializers.FloatField()


class EnvironmentDescription(serializers.Serializer):
    environment = serializers.DictField()
    fingerprint = serializers.CharField()
    fields = FieldDescription(many=True)  # type: ignore[assignment]
    probes = ProbeDescription(many=True)
    problems = serializers.ListField(child=serializers.CharField())
    milliseconds = serializers.FloatField(help_text="How long the detection took.")


class MachineHead(serializers.Serializer):
    name = serializers.CharField()
    title = serializers.CharField()
    origin = serializers.ChoiceField(choices=["this-server", "catalogue", "own", "described"])


class MachineDescription(MachineHead):
    dated = serializers.DateField(allow_null=True)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    environment = serializers.DictField()


class MachineList(serializers.Serializer):
    machines = MachineDescription(many=True)


class ReasonDescription(serializers.Serializer):
    stage = serializers.CharField()
    category = serializers.CharField()
    cause = serializers.CharField()
    sentence = serializers.CharField()


class JudgedPackage(PackageKind):
    package_id = serializers.CharField()
    place = serializers.IntegerField(allow_null=True, help_text="From 1 for the best; null for those that cannot run.")
    above_next = serializers.CharField(allow_null=True, help_text="The part of the key that put it above the next.")
    key = serializers.DictField(allow_null=True, help_text="The ranking key, part by part; higher is better.")
    reason = ReasonDescription(allow_null=True)


class PassedOver(serializers.Serializer):
    package_id = serializers.CharField()
    reason = serializers.CharField()


class NegotiationErrorDescription(serializers.Serializer):
    code = serializers.CharField()
    help_url = serializers.CharField()
    kind = serializers.CharField(allow_null=True)
    message = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        # `class` is a word of Python's own and cannot be written as an attribute.
        return super().get_fields() | {"class": serializers.CharField(help_text="The client's name for it.")}


class NegotiationAnswer(serializers.Serializer):
    model_id = serializers.CharField()
    rules = serializers.ChoiceField(choices=["client", "server"])
    policy = serializers.CharField(help_text="The rules in full: a release of the client, or this server.")
    machine = MachineHead()
    environment = serializers.DictField()
    fingerprint = serializers.CharField()
    request = serializers.DictField(help_text="The arguments that held, the device filled in.")
    chosen = serializers.CharField(allow_null=True)
    attempt_order = serializers.ListField(child=serializers.CharField(), help_text="What loading would try, in order.")
    decided_by = serializers.ListField(
        child=serializers.CharField(), help_text="For each pair of neighbours, the part of the key that decided."
    )
    packages = JudgedPackage(many=True, help_text="Best first, then those that cannot run.")
    set_aside = PassedOver(many=True, help_text="What this server passes over, because it ended the model host.")
    error = NegotiationErrorDescription(allow_null=True)


class NegotiationQuestion(serializers.Serializer):
    machine = serializers.CharField(
        required=False, help_text="A name from /api/v1/machines, or `this-server`, which is meant where none is given."
    )
    environment = serializers.DictField(
        required=False,
        help_text="A machine described in full instead, as `python -m negotiation.detection` prints it there.",
    )
    request = serializers.DictField(
        required=False,
        help_text="Arguments of AutoModel.from_pretrained. Without `device` it is the one that the machine takes "
        "by itself; null leaves it open.",
    )
    policy = serializers.ChoiceField(
        choices=["client", "server"],
        required=False,
        help_text="Whose rules: `server` where the question is about this server, else `client`.",
    )
