"""The one settings file. Without any variable set: SQLite, local files, everything in one process.

Each variable is described in docs/settings.md.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.templatetags.static import static
from django.urls import reverse_lazy

from config import env
from config.logs import LEVELS, logging_settings
from config.secret_key import read_secret_key
from config.version import read_version

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = read_version(BASE_DIR)
# Nothing is made there by reading the settings: see config.data_directory.
DATA_DIR = Path(env.text("DATA_DIR") or BASE_DIR / "data").resolve()

DEBUG = env.flag("DEBUG")
# Where there is none yet, one of this process alone, until the data directory is prepared.
SECRET_KEY = env.text("SECRET_KEY") or read_secret_key(DATA_DIR) or secrets.token_urlsafe(48)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "*")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# Origins of web pages that may ask the API (CORS), or `*`; none unless set.
CORS_ALLOWED_ORIGINS = env.words("CORS_ALLOWED_ORIGINS")
# Whether /metrics answers.
METRICS = env.flag("METRICS")

# The address under which clients reach this server. Empty: taken from each request.
PUBLIC_URL = env.address("PUBLIC_URL", ["https", "http"]).rstrip("/")
# Where it has a path, the proxy in front takes that off, and our own pages put it into their links.
PUBLIC_PATH = urlsplit(PUBLIC_URL).path
FORCE_SCRIPT_NAME = PUBLIC_PATH or None
if env.flag("BEHIND_TLS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = env.integer("HSTS_SECONDS", 365 * 24 * 3600, minimum=0)

# The header in which a proxy in front tells the address of the client, for the wait after wrong passwords.
CLIENT_ADDRESS_HEADER = env.text("CLIENT_ADDRESS_HEADER")

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "registry",
    "jobs",
    "packages_app",
    "inference_app",
]

MIDDLEWARE = [
    "registry.middleware.RequestIdMiddleware",
    "registry.metrics.MetricsMiddleware",
    "registry.cors.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "registry.middleware.SecurityHeadersMiddleware",
    "registry.middleware.ErrorShapeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "registry.middleware.AdminSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "registry.middleware.AdminCsrfMiddleware",
    "registry.middleware.AdminAuthenticationMiddleware",
    "registry.middleware.AdminMessageMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
# Clients of the provider protocol ask without a trailing slash and must not be redirected.
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'weighbridge.db'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Bytes of packages. `local` keeps them under DATA_DIR; `s3` in a bucket, through django-storages.
BLOB_STORE = env.choice("BLOB_STORE", "local", ["local", "s3"])
BLOB_ROOT = DATA_DIR / "blobs"
STAGING_ROOT = DATA_DIR / "staging"
S3_BUCKET = env.text("S3_BUCKET")
if BLOB_STORE == "s3":
    blob_storage: dict[str, object] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.address("S3_ENDPOINT_URL", ["https", "http"]) or None,
            "region_name": env.text("S3_REGION") or None,
            "access_key": env.text("S3_ACCESS_KEY") or None,
            "secret_key": env.text("S3_SECRET_KEY") or None,
            "location": env.text("S3_PREFIX", "weighbridge"),
            "default_acl": None,
            "file_overwrite": True,
            "querystring_expire": 900,
            "signature_version": "s3v4",
        },
    }
else:
    blob_storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": BLOB_ROOT}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "media"}},
    "blobs": blob_storage,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# How GET of a blob is answered: `stream` by this process, `accel` by nginx (X-Accel-Redirect below
# BLOB_ACCEL_PREFIX), `redirect` to a short-lived address of the object store.
BLOB_DELIVERY = env.choice(
    "BLOB_DELIVERY", "redirect" if BLOB_STORE == "s3" else "stream", ["stream", "accel", "redirect"]
)
BLOB_ACCEL_PREFIX = env.matching("BLOB_ACCEL_PREFIX", "/internal-blobs/", "/.*/", "a path that begins and ends with /")
DOWNLOAD_LIFETIME_SECONDS = env.integer("DOWNLOAD_LIFETIME_SECONDS", 12 * 3600, minimum=60)

# Limits of what comes in. Uploads are streamed: they are never held in memory whole.
MAX_FILE_BYTES = env.integer("MAX_FILE_BYTES", 8 * 1024**3, minimum=1)
MAX_PACKAGE_BYTES = env.integer("MAX_PACKAGE_BYTES", 16 * 1024**3, minimum=1)
MIN_FREE_DISK_BYTES = env.integer("MIN_FREE_DISK_BYTES", 512 * 1024**2, minimum=0)
MAX_IMAGE_BYTES = env.integer("MAX_IMAGE_BYTES", 20 * 1024**2, minimum=1)
MAX_IMAGE_PIXELS = env.integer("MAX_IMAGE_PIXELS", 50_000_000, minimum=1)
MAX_IMAGES_PER_REQUEST = env.integer("MAX_IMAGES_PER_REQUEST", 16, minimum=1)
MAX_REQUEST_BYTES = env.integer("MAX_REQUEST_BYTES", 64 * 1024**2, minimum=1)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.integer("MAX_FORM_BYTES", 2 * 1024**2, minimum=1)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_HANDLERS = ["registry.uploads.DroppingUploadHandler"]

# What may wait in one web process, and how long: see `receiver.Limits`.
MAX_WAITING_BODIES = env.integer("MAX_WAITING_BODIES", 128, minimum=1)
MAX_BODIES_BYTES = env.integer("MAX_BODIES_BYTES", 512 * 1024**2, minimum=1)
MAX_ANONYMOUS_WAITING_BODIES = env.integer("MAX_ANONYMOUS_WAITING_BODIES", 32, minimum=1)
MAX_ANONYMOUS_BODIES_BYTES = env.integer("MAX_ANONYMOUS_BODIES_BYTES", 128 * 1024**2, minimum=1)
MAX_UPLOADS = env.integer("MAX_UPLOADS", 8, minimum=1)
MAX_DOWNLOADS = env.integer("MAX_DOWNLOADS", 256, minimum=1)
MIN_RATE_BYTES = env.integer("MIN_RATE_BYTES", 1024, minimum=1)
PATIENCE_SECONDS = env.number("PATIENCE_SECONDS", 10.0, above=0)
BODY_DEADLINE_SECONDS = env.number("BODY_DEADLINE_SECONDS", 120.0, above=0)
# Inference requests in work at once in one web process; fewer than its threads (`manage.py serve --threads`).
MAX_IN_FLIGHT = env.integer("MAX_IN_FLIGHT", 48, minimum=1)
# Bytes that these requests take together: their bodies, and what is made of them before the model host has it.
MAX_BYTES_IN_WORK = env.integer("MAX_BYTES_IN_WORK", 512 * 1024**2, minimum=1)
# Requests a minute of one access token, where the token itself has no limit of its own; 0: as many as it likes.
RATE_LIMIT_PER_MINUTE = env.integer("RATE_LIMIT_PER_MINUTE", 0, minimum=0)
# Whether images may be named by an https address, which this server then fetches.
ALLOW_IMAGE_URLS = env.flag("ALLOW_IMAGE_URLS")

# The model host: see docs/architecture.md.
MODEL_HOST_DIR = DATA_DIR / "host"
MODEL_CACHE_DIR = DATA_DIR / "cache"
MODEL_CACHE_BYTES = env.integer("MODEL_CACHE_BYTES", 20 * 1024**3, minimum=1)
MODEL_HOST_PYTHON = env.text("MODEL_HOST_PYTHON")
MODEL_HOST_DEVICE = env.matching("MODEL_HOST_DEVICE", "cpu", r"cpu|cuda(:\d{1,2})?", "cpu, cuda or cuda:NUMBER")
MODEL_HOST_QUEUE = env.integer("MODEL_HOST_QUEUE", 64, minimum=1)
MODEL_HOST_MEMORY_BYTES = env.integer("MODEL_HOST_MEMORY_BYTES", 0, minimum=0)
MODEL_HOST_GRAPH_REWRITING = env.flag("MODEL_HOST_GRAPH_REWRITING", True)
PINNED_MODELS = env.words("PINNED_MODELS")
MODEL_HOST_DEADLINE_SECONDS = env.number("MODEL_HOST_DEADLINE_SECONDS", 30.0, above=0)

# A package is loaded once in a child process before it can be published: see docs/packages.md.
TRIAL_RUNS = env.flag("TRIAL_RUNS", True)
TRIAL_SECONDS = env.number("TRIAL_SECONDS", 60.0, above=0)
TRIAL_MEMORY_BYTES = env.integer("TRIAL_MEMORY_BYTES", 4 * 1024**3, minimum=1)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

REDIS_URL = env.address("REDIS_URL", ["redis", "rediss", "unix"])
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "weighbridge",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    )
}

# Long work: see docs/jobs.md. Without a broker `manage.py serve` runs it beside the web server.
BROKER_URL = env.text("BROKER_URL")
JOBS_AT_ONCE = env.integer("JOBS_AT_ONCE", 2, minimum=1)
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 60.0, above=0)
JOB_DAYS = env.integer("JOB_DAYS", 30, minimum=0)
MAX_QUEUED_JOBS = env.integer("MAX_QUEUED_JOBS", 200, minimum=1)
MAX_QUEUED_JOBS_PER_USER = env.integer("MAX_QUEUED_JOBS_PER_USER", 50, minimum=1)

CELERY_BROKER_URL = BROKER_URL or "memory://"
# Without a broker, tasks run where they are called: nothing else needs to be started.
CELERY_TASK_ALWAYS_EAGER = not BROKER_URL
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Whoever asks for a job does not wait for a broker that is away: kombu's own values have each request wait six seconds.
CELERY_BROKER_CONNECTION_TIMEOUT = 2.0
CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
CELERY_BEAT_SCHEDULE = {
    "gc": {"task": "packages_app.tasks.gc", "schedule": 24 * 3600.0},
    "look after jobs": {"task": "jobs.tasks.look_after", "schedule": 60.0, "options": {"expires": 60.0}},
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = f"{PUBLIC_PATH}/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False

SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["registry.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "registry.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Weighbridge",
    "DESCRIPTION": "A private weights provider and inference server for computer vision.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVERS": [{"url": PUBLIC_PATH}] if PUBLIC_PATH else [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "registry.api.schema.document_plain_views",
        "registry.api.schema.document_errors",
    ],
}

UNFOLD = {
    "SITE_TITLE": "Weighbridge",
    "SITE_HEADER": "Weighbridge",
    "SITE_SUBHEADER": "Weights provider and inference server",
    "SITE_URL": "/",
    "SITE_SYMBOL": "balance",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("site/icon.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("admin/weighbridge.css")],
    "SIDEBAR": {
        "show_search": True,
        "navigation": [
            {
                "title": "Models",
                "separator": False,
                "items": [
                    {"title": "Models", "icon": "neurology", "link": reverse_lazy("admin:registry_model_changelist")},
                    {
                        "title": "Packages",
                        "icon": "package_2",
                        "link": reverse_lazy("admin:packages_app_package_changelist"),
                    },
                    {
                        "title": "Machines",
                        "icon": "memory",
                        "link": reverse_lazy("admin:inference_app_machinerecord_changelist"),
                    },
                    {"title": "Jobs", "icon": "pending_actions", "link": reverse_lazy("admin:jobs_job_changelist")},
                    {
                        "title": "Model host",
                        "icon": "dns",
                        "link": reverse_lazy("model-host"),
                        "permission": "inference_app.admin.host.may_see_host",
                    },
                ],
            },
            {
                "title": "Who",
                "separator": True,
                "items": [
                    {
                        "title": "Workspaces",
                        "icon": "groups",
                        "link": reverse_lazy("admin:registry_workspace_changelist"),
                    },
                    {
                        "title": "Access tokens",
                        "icon": "key",
                        "link": reverse_lazy("admin:registry_accesstoken_changelist"),
                        "permission": "registry.admin.roles.is_admin_somewhere",
                    },
                    {
                        "title": "Users",
                        "icon": "person",
                        "link": reverse_lazy("admin:auth_user_changelist"),
                        "permission": "registry.admin.roles.is_superuser",
                    },
                    {
                        "title": "Audit trail",
                        "icon": "history",
                        "link": reverse_lazy("admin:registry_auditevent_changelist"),
                    },
                ],
            },
        ],
    },
}

LOGGING_CONFIG = None
logging_settings(level=env.choice("LOG_LEVEL", "INFO", LEVELS), as_json=env.flag("LOG_JSON"))
