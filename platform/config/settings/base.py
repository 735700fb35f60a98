"""What is the same everywhere. The places that run it say the rest: demo, test, production."""

from pathlib import Path

from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from config.settings.addresses import database, redis_for_celery, redis_for_django
from config.settings.environment import env_bool, env_int, env_list, env_str, env_years
from foundation.database.roles import Login
from foundation.logs import logging_settings

ROOT = Path(__file__).resolve().parents[3]
PORTICO_VAR = Path(env_str("PORTICO_VAR", str(ROOT / "var")))
PORTICO_FILES = PORTICO_VAR / "files"
DEBUG = False
PORTICO_DEMO = False
PORTICO_GALLERY = False

# Hosts. ALLOWED_HOSTS is open because tenants.middleware checks each host against the hospitals before anything else.
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = False
PORTICO_BASE_HOST = env_str("PORTICO_BASE_HOST", "localhost")
PORTICO_PUBLIC_HOSTS = frozenset(env_list("PORTICO_PUBLIC_HOSTS", f"{PORTICO_BASE_HOST},127.0.0.1"))
PORTICO_BEHIND_PROXY = env_bool("PORTICO_BEHIND_PROXY")
PORTICO_TLS = env_bool("PORTICO_TLS")

# Which app has its tables where (docs/adr/0002-the-wall.md). Each stands in exactly one list.
PUBLIC_APPS = ["tenants", "console"]
EVERYWHERE_APPS = [
    "django.contrib.postgres",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "portal.accounts",
    "foundation.audit",
    "foundation.crypto",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "two_factor",
]
HOSPITAL_APPS = [
    "portal.access",
    "portal.ehr",
    "portal.records",
    "portal.privacy",
    "portal.personal",
    "portal.dashboard",
    "themes",
    "cms",
    "guardian",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
]
SHARED_APPS = PUBLIC_APPS + EVERYWHERE_APPS
TENANT_APPS = EVERYWHERE_APPS + HOSPITAL_APPS
NO_TABLES = ["django.contrib.staticfiles", "django.contrib.messages", "django.forms", "rest_framework", "django_htmx"]
INSTALLED_APPS = [*PUBLIC_APPS, *EVERYWHERE_APPS, *HOSPITAL_APPS, *NO_TABLES]

TENANT_MODEL = "tenants.Hospital"
TENANT_DOMAIN_MODEL = "tenants.Domain"
PUBLIC_SCHEMA_NAME = "public"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_LIMIT_SET_CALLS = True
SKIP_PG_EXTRA_VALIDATION = True

ROOT_URLCONF = "config.urls"
PUBLIC_SCHEMA_URLCONF = "config.public_urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "foundation.web.RequestIdMiddleware",
    "foundation.web.HealthMiddleware",
    "tenants.middleware.HospitalMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "foundation.web.NoStoreMiddleware",
    "foundation.web.AuditMiddleware",
    "portal.accounts.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "foundation.web.CsrfMiddleware",
    "portal.accounts.middleware.PersonMiddleware",
    "portal.access.middleware.ViewerMiddleware",
    "portal.accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "foundation.web.RefusalMiddleware",
    "foundation.permissions.PermissionMiddleware",
]

# Web and workers log in as somebody who owns nothing. One process, the provisioner, holds the owner's address.
DATABASE_URL = env_str("DATABASE_URL", "postgresql:///portico")
DATABASE_ADMIN_URL = env_str("DATABASE_ADMIN_URL", "")
DATABASES = {"default": database(DATABASE_ADMIN_URL or DATABASE_URL)}
PORTICO_OWNS_DATABASE = bool(DATABASE_ADMIN_URL)
PORTICO_RUNTIME_LOGIN = Login("", "")
if DATABASE_ADMIN_URL:
    PORTICO_RUNTIME_LOGIN = Login(*(str(database(DATABASE_URL)[key]) for key in ("USER", "PASSWORD")))
PORTICO_DATABASE_ROLES = True
REDIS_URL = env_str("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = redis_for_celery(REDIS_URL)
REDIS_URL = redis_for_django(REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "foundation.tenancy.caches.make_key",
    }
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = PORTICO_FILES / "_unused"
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "static" / "build"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "themes.context.brand",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "themes.forms.PorticoRenderer"

# People
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.PasswordBackend", "guardian.backends.ObjectPermissionBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "portal.accounts.passwords.LongEnough"},
    {"NAME": "portal.accounts.passwords.NotYourName"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
PORTICO_SECOND_FACTOR_URL = "accounts:second_factor"
SESSION_ENGINE = "portal.accounts.sessions"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "__Host-portico_session" if PORTICO_TLS else "portico_session"
SESSION_COOKIE_SECURE = PORTICO_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-portico_csrf" if PORTICO_TLS else "portico_csrf"
CSRF_COOKIE_SECURE = PORTICO_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SILENCED_SYSTEM_CHECKS = ["security.W003"]  # looks for Django's own class by name; ours is a subclass
CSRF_FAILURE_VIEW = "themes.views.csrf_failure"
LANGUAGE_COOKIE_NAME = "__Host-portico_language" if PORTICO_TLS else "portico_language"
LANGUAGE_COOKIE_SECURE = PORTICO_TLS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
PASSWORD_RESET_TIMEOUT = 60 * 60
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_GET_INIT_ANONYMOUS_USER = None
TWO_FACTOR_WEBAUTHN_UV_REQUIREMENT = "required"
TWO_FACTOR_REMEMBER_COOKIE_AGE = None

# Browsers
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = PORTICO_TLS
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60 if PORTICO_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PORTICO_TLS
SECURE_HSTS_PRELOAD = PORTICO_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PORTICO_BEHIND_PROXY else None
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

# Words, numbers, times
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("ar", _("Arabic")), ("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [ROOT / "platform" / "config" / "locale"]

# Mail
EMAIL_SUBJECT_PREFIX = ""
DEFAULT_FROM_EMAIL = env_str("PORTICO_MAIL_FROM", "no-reply@portico.invalid")

# Background work (docs/adr/0006): accepted work is never lost, and runs twice without harm.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 4 * 60 * 60, "global_keyprefix": "public:celery:"}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 60 * 60
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULER = "config.celery_app.Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(PORTICO_VAR / "celerybeat-schedule")
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]

# Wagtail: installed in the hospitals' schemas, its pages not routed yet.
WAGTAIL_SITE_NAME = "Portico"
WAGTAILADMIN_BASE_URL = "http://localhost"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

LOGGING = logging_settings(env_str("PORTICO_LOG_LEVEL", "INFO"))
# Keys of the hospitals (docs/keys.md). PORTICO_MASTER_KEY opens what was sealed before each hospital had its own.
PORTICO_KEYS = env_str("PORTICO_KEYS", f"file:{PORTICO_VAR.absolute() / 'secrets' / 'keys'}")
PORTICO_MASTER_KEY = ""
PORTICO_DATA_KEY_SECONDS = env_int("PORTICO_DATA_KEY_SECONDS", 300)
PORTICO_PLAIN_HTTP = False  # whether a record system may be asked without TLS
PORTICO_READY = "tenants.health.ready"
PORTICO_ERROR_PAGE = "themes.errors.render_error"
PORTICO_EHR_STALE_HOURS = 72
# How long a copy of everything lies ready, and how long the rows of copies and of answered requests are kept.
PORTICO_DATA_COPY_HOURS = env_int("PORTICO_DATA_COPY_HOURS", 24)
PORTICO_DATA_REQUEST_DAYS = env_int("PORTICO_DATA_REQUEST_DAYS", 2192)
# A database of places in MaxMind's format, for the report of unusual looks (docs/privacy.md). Without it: rule off.
PORTICO_PLACES_DB = env_str("PORTICO_PLACES_DB", "")
# The record of reads and writes (docs/audit.md)
PORTICO_AUDIT_ANCHOR = env_str("PORTICO_AUDIT_ANCHOR", "file")
PORTICO_AUDIT_ANCHOR_FOLDER = Path(env_str("PORTICO_AUDIT_ANCHOR_FOLDER", str(PORTICO_VAR / "anchors")))
PORTICO_AUDIT_ANCHOR_BUCKET = env_str("PORTICO_AUDIT_ANCHOR_BUCKET", "")
PORTICO_AUDIT_ANCHOR_ENDPOINT = env_str("PORTICO_AUDIT_ANCHOR_ENDPOINT", "")
PORTICO_AUDIT_ANCHOR_REGION = env_str("PORTICO_AUDIT_ANCHOR_REGION", "us-east-1")
PORTICO_AUDIT_ANCHOR_SECONDS = env_int("PORTICO_AUDIT_ANCHOR_SECONDS", 300)
PORTICO_AUDIT_PUBLIC_KEYS = tuple(env_list("PORTICO_AUDIT_PUBLIC_KEYS"))
PORTICO_AUDIT_YEARS = env_years("PORTICO_AUDIT_YEARS", 6)
# How long other things are kept (docs/operations.md)
PORTICO_SESSION_DAYS = env_int("PORTICO_SESSION_DAYS", 0)
PORTICO_MAIL_DAYS = env_int("PORTICO_MAIL_DAYS", 7)
PORTICO_RECORD_COPY_HOURS = env_int("PORTICO_RECORD_COPY_HOURS", 24)
PORTICO_CLOCK_SECONDS = env_int("PORTICO_CLOCK_SECONDS", 5)
PORTICO_ALARM_MAIL = tuple(env_list("PORTICO_ALARM_MAIL"))
TEST_RUNNER = "django.test.runner.DiscoverRunner"
