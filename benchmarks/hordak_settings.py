"""The least that django-hordak needs to run."""

import environ

SECRET_KEY = "benchmark"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "mptt", "djmoney", "hordak"]
DATABASES = {"default": environ.Env().db_url("DATABASE_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
CURRENCIES = ["CNY"]
DEFAULT_CURRENCY = "CNY"
