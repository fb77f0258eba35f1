"""Values as people read them aloud. In every template without `{% load %}` (settings, TEMPLATES)."""

from django import template

from unknot.kernel.text import spoken_phone

register = template.Library()
register.filter("spoken", spoken_phone)
