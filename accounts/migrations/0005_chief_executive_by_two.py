from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_roles_by_two_people")]

    operations = [
        migrations.AlterField(
            model_name="postproposal",
            name="post",
            field=models.CharField(
                choices=[
                    ("safeguarding_lead", "Safeguarding Lead"),
                    ("deputy_lead", "Deputy Safeguarding Lead"),
                    ("operational_lead", "Operational lead"),
                    ("designated_senior_manager", "Designated senior manager"),
                    ("chief_executive", "Chief executive"),
                    ("ig_lead", "Information governance lead"),
                    ("auditor", "Auditor"),
                    ("champion", "Safeguarding Champion"),
                ],
                max_length=30,
            ),
        ),
    ]
