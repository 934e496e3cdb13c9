"""What organizers tell the press, in each language."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('declaration', '0003_switches'),
    ]

    operations = [
        migrations.CreateModel(
            name='PressPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('en', 'English'), ('fr', 'Français')], max_length=10, unique=True, verbose_name='language')),
                ('behind', models.TextField(blank=True, max_length=5000)),
                ('funding', models.TextField(blank=True, max_length=5000)),
                ('key_points', models.TextField(blank=True, max_length=5000)),
                ('contact_name', models.CharField(blank=True, max_length=200)),
                ('contact_email', models.EmailField(blank=True, max_length=254)),
                ('contact_phone', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'verbose_name': 'page for the press',
                'verbose_name_plural': 'page for the press',
            },
        ),
    ]
