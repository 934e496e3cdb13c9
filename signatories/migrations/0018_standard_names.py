from django.db import migrations, models

# The tables keep their names: code of the release before this one still reads and writes them.
RENAMED = {
    "Apart": "KnownDistinct",
    "Correction": "Report",
    "Letter": "OutboundMail",
    "MailAllowance": "MailQuota",
    "MailGate": "MailCircuit",
    "MailPace": "MailRate",
    "Pulse": "Heartbeat",
}


class Migration(migrations.Migration):
    dependencies = [("signatories", "0017_index_of_crowds")]

    operations = [
        operation
        for old, new in RENAMED.items()
        for operation in (
            migrations.AlterModelTable(old, f"signatories_{old.lower()}"),
            migrations.RenameModel(old, new),
        )
    ]
