"""A practice's articles."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from unknot.db.tenancy import TenantModel
from unknot.kernel.ids import new_id


class Article(TenantModel):
    """A post of the practice's blog: Markdown as written, HTML as cleaned when saved."""

    STATES = [("draft", "draft"), ("published", "published")]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=120)
    title = models.CharField(max_length=200)
    description = models.CharField(max_length=400, blank=True)
    author = models.CharField(max_length=120, blank=True)
    published_on = models.DateField()
    image = models.CharField(max_length=300, blank=True)
    image_alt = models.CharField(max_length=300, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    featured = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=STATES, default="published")
    body = models.TextField()
    html = models.TextField()
    minutes = models.SmallIntegerField(default=1, help_text="Reading time")
    claims = models.JSONField(default=list, help_text="Unsupported health claims found, with advice")
    guide_region = models.CharField(max_length=20, blank=True, help_text="Region that the guide opens with from here")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["practice", "slug"], name="article_slug_once")]
