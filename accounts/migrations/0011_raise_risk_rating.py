"""Rating a customer higher is a right of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_partner_float"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="customer",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("register_customer", "Can register a customer"),
                    ("reveal_personal_data", "Can see a customer's personal data in clear, with a reason"),
                    ("export_personal_data", "Can export everything held about a customer"),
                    ("pseudonymise_customer", "Can erase a former customer's personal data"),
                    ("update_customer", "Can change a customer's data"),
                    ("raise_risk_rating", "Can rate a customer higher than the facts alone do"),
                ],
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
            },
        ),
    ]
