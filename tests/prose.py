"""A long German text of many short subjects, in which organisations of tests/conftest.py are named."""

_SUBJECTS = """\
Glasbruch: Farbsortierung, Schmelzwanne, Scherbengröße, Läuterung, Hohlglas
Leichtbau: Faserwinkel, Klebefuge, Hohlprofil, Bauteilmasse, Crashversuch
Grubenwasser: Pumpenstand, Eisenfracht, Filterkies, Pegelmessung, Vorfluter
Wasserstoff: Elektrolyse, Druckspeicher, Leitungsnetz, Verdichter, Kavernenbetrieb
Textilfasern: Ringspinnen, Zwirnerei, Faserlänge, Webkante, Appretur
Holzbau: Brettschicht, Feuchteschutz, Zimmerei, Deckenfeld, Brandwiderstand
Molkerei: Rahmtrennung, Käsebruch, Labgabe, Reifekeller, Molkenpulver
Binnenschiffe: Schleusenzeit, Fahrrinne, Ladetiefe, Umschlagkran, Niedrigwasser
Hörgeräte: Ohrpassstück, Rückkopplung, Frequenzgang, Anpasssitzung, Batteriefach
Stahlguss: Gussform, Kernsand, Abkühlrate, Speiser, Putzerei
Obstbau: Blütenfrost, Baumschnitt, Lagerapfel, Erntehelfer, Bestäubung
Drohnen: Rotorblatt, Flugplan, Akkulaufzeit, Landeplatz, Wegpunkt
Batterien: Elektrodenpaste, Kalander, Zellformierung, Trockenraum, Separator
Papier: Zellstoff, Siebpartie, Leimung, Altpapier, Rollenschnitt
Stadtklima: Kaltluft, Fassadengrün, Hitzeinsel, Regenrückhalt, Schattenwurf
Medizinlabor: Probenröhre, Pipettierer, Blutgruppe, Befundweg, Kühlkette
Fahrradbau: Rahmenlehre, Speichenzug, Schaltauge, Lackierung, Steuersatz
Robotik: Greiferbacken, Bahnplanung, Lichtvorhang, Werkstückträger, Gelenkspiel
Keramik: Brennofen, Glasurfehler, Schlicker, Pressform, Scherbenrohdichte
Weltraum: Sonnensegel, Bodenstation, Lageregelung, Nutzlast, Startfenster
Spielwaren: Figurenguss, Farbtreue, Kantenradius, Steckstein, Verpackung
Brauerei: Maischebottich, Hopfengabe, Würzekühler, Gärtank, Stammwürze
Gießereisand: Bentonit, Kornform, Regenerierung, Staubfilter, Lagersilo
Deponien: Sickerwasser, Gasbrunnen, Oberfläche, Dichtung, Nachsorge
"""

_SENTENCES = (
    "Wer sich mit {0} beschäftigt, kommt an {1} nicht vorbei, weil davon fast alle Schritte abhängen.",
    "Vor drei Jahren galt {2} noch als Nebensache, heute rechnen selbst kleine Betriebe damit.",
    "Ein Versuch mit {3} im Sommer {n} zeigte, wie empfindlich das Ergebnis gegen Staub und Wärme ist.",
    "Die Kosten für {4} sanken seither um {p} Prozent.",
    "Offen bleibt, wer die Erfahrung aus {0} und {2} an den Nachwuchs weitergibt, wenn die Älteren gehen.",
)

_PARTNERS = (
    "Das Netzwerk Uferglas kooperiert bei {1} mit dem Forum Leuchtdiode.",
    "Die Glashütte Nordlicht GmbH ist Mitglied im Netzwerk Uferglas und liefert {3}.",
    "Das Forum Leuchtdiode arbeitet mit Rheinoptik zusammen, wenn es um {4} geht.",
    "Rheinoptik bietet mit der Linsenkarte einen Überblick, der auch {2} umfasst.",
)


def many_subjects() -> str:
    """Return about 15 000 characters of Markdown, one paragraph for each subject."""
    paragraphs = []
    for number, line in enumerate(_SUBJECTS.splitlines()):
        name, _, rest = line.partition(": ")
        named = [_PARTNERS[number % 4], _PARTNERS[(number + 2) % 4]]
        sentences = [*_SENTENCES[:3], *named, *_SENTENCES[3:]]
        words = [name, *rest.split(", ")]
        filled = [one.format(*words, n=1990 + number, p=10 + number) for one in sentences]
        paragraphs.append(" ".join(filled))
    return "# Vierundzwanzig Werkstattberichte\n\n" + "\n\n".join(paragraphs) + "\n"
