"""The demo's declaration and press page in every language of the site."""

from django.utils import timezone

from declaration.models import PressPage, Text

WORDS = {
    "en": (
        "Our work is not raw material",
        """**To train generative AI on the works of creators without their permission takes the living from those who
made them. It is unjust, it must end, and it must not be made lawful.**

We are musicians, actors, writers and artists, and those who work beside us. What we make is sung, played, read and
looked at because somebody gave years to learning how.

We are not against new tools. We ask what every maker has always asked: *to be asked*. Whoever wants to build on our
work can come to us, as publishers, labels and theatres do. Silence is not a yes, and nobody should have to search the
world for the places where a no must be said.
""",
    ),
    "fr": (
        "Nos œuvres ne sont pas une matière première",
        """**Entraîner des IA génératives sur les œuvres des créateurs sans leur autorisation prive de leur gagne-pain
celles et ceux qui les ont faites. C’est injuste, cela doit cesser, et aucune loi ne doit le permettre.**

Nous sommes musiciennes et musiciens, comédiennes et comédiens, autrices et auteurs, artistes, et celles et ceux qui
travaillent à leurs côtés. Ce que nous faisons est chanté, joué, lu et regardé parce que quelqu’un a donné des années
pour l’apprendre.

Nous ne sommes pas contre les outils nouveaux. Nous demandons ce que toute personne qui crée a toujours demandé :
*qu’on nous demande*. Qui veut bâtir sur notre travail peut venir à nous, comme le font les maisons d’édition, les
labels et les théâtres. Le silence n’est pas un oui, et nul ne devrait avoir à chercher partout où dire non.
""",
    ),
}

PRESS = {
    "en": {
        "key_points": """Generative AI is trained on works whose makers were not asked and are not paid.
We ask for permission first: silence is not a yes.
Everyone listed here has confirmed from their own mailbox.""",
        "behind": "An invented office, for this demo: *nobody* you could call.",
        "funding": "By nothing and nobody: it runs on your machine.",
        "contact_name": "Perpetua Quill",
        "contact_email": "press@declaration.example",
    },
    "fr": {
        "key_points": """On entraîne des IA sur des œuvres dont les auteurs n’ont été ni consultés ni payés.
Nous voulons qu’on nous demande d’abord : le silence n’est pas un oui.
Toute personne listée ici a confirmé depuis sa propre messagerie.""",
        "behind": "Un bureau inventé pour cette démonstration : *personne* que vous puissiez appeler.",
        "funding": "Par rien ni personne : elle tourne sur votre machine.",
        "contact_name": "Perpetua Quill",
        "contact_email": "press@declaration.example",
    },
}


def publish() -> None:
    """Publish version 1 in each language, once."""
    for language, (title, body) in WORDS.items():
        Text.objects.get_or_create(
            version=1, language=language, defaults={"title": title, "body": body, "published_at": timezone.now()}
        )


def write_press_page() -> None:
    """Write the page for the press in each language, unless there is one."""
    for language, words in PRESS.items():
        PressPage.objects.get_or_create(language=language, defaults=words)
