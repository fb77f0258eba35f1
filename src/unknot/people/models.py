"""Accounts are the platform's; memberships, clients and tokens say what an account is where."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from unknot.db.tenancy import TenantModel
from unknot.kernel.actors import FRONT_DESK, OWNER, THERAPIST
from unknot.kernel.ids import new_id


class AccountManager(BaseUserManager["Account"]):
    """Looks accounts up by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username)

    def create_user(self, email: str, **fields: Any) -> "Account":
        """A new account without a password: people sign in by code, passkey or authenticator."""
        account = self.model(email=email.strip().lower(), **fields)
        account.set_unusable_password()
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person who can sign in, in however many practices and roles."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = AccountManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="account_email_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Membership(TenantModel):
    """A role that an account holds in a practice, as staff."""

    ROLES = [(r, r) for r in (THERAPIST, FRONT_DESK, OWNER)]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=ROLES)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["practice", "account", "role"], name="membership_once")]


CHILD, RELATIVE, CARED_FOR = "child", "relative", "cared_for"
SELF, CARER = "self", "carer"


class Client(TenantModel):
    """A practice's record of a person it treats: identity and contact only.

    `account` is who signs in for this record: the person, or with a `relation` the one who looks after them. `decides`:
    who consents to care, the person (together with their carer) or the carer for them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120, help_text="As on receipts: the legal name")
    preferred_name = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164")
    born_on = models.DateField(null=True, blank=True)
    relation = models.CharField(
        max_length=12,
        blank=True,
        default="",
        choices=[(one, one) for one in (CHILD, RELATIVE, CARED_FOR)],
        help_text="What this person is to the account that looks after them; empty: the account is their own",
    )
    decides = models.CharField(
        max_length=6, default=SELF, choices=[(one, one) for one in (SELF, CARER)], help_text="Who consents to care"
    )
    reminders_by_email = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "account"],
                condition=models.Q(account__isnull=False, relation=""),
                name="client_own_once_per_account",
            ),
            models.CheckConstraint(
                condition=models.Q(relation="", decides=SELF)
                | (~models.Q(relation="") & models.Q(account__isnull=False, born_on__isnull=False)),
                name="client_looked_after",
            ),
        ]
        indexes = [models.Index(fields=["practice", "name"], name="client_by_name")]

    @property
    def greeting(self) -> str:
        """How the person likes to be called."""
        return self.preferred_name or self.name.split(" ")[0]


class Token(models.Model):
    """A bearer token of an account; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
