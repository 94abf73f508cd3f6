"""Closed classes of words in German and English: how a question asks, and what says nothing of a subject."""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


WHO: Final = _words("wer wen wem who whom")
"""What asks for an actor."""

WHOM: Final = _words("wen whom")
"""What asks whom something is for."""

BY: Final = _words("mit with von by bei from")
"""What makes `wem` and `whom` ask for an actor."""

SOURCE: Final = _words("quelle quellen source sources")
"""What asks where a statement is from."""

WHICH: Final = _words("welche welcher welches welchen welchem which what")
"""What asks for what the next noun names."""

WHAT: Final = _words("was what worin")
"""What asks for a thing."""

WITH_WHAT: Final = _words("womit wodurch")
"""What asks for the offer by which something is done."""

NEGATIONS: Final = _words(
    "kein keine keinen keinem keiner ohne ausserhalb ausser weder nicht no without outside "
    "neither not  except never nie although"
)
"""What takes something out."""

NEITHER: Final = _words("weder neither")
"""What takes out what is said of a stand."""

OUTSIDE: Final = _words("ausserhalb outside")
"""What takes out what belongs to somebody."""

SEVERAL: Final = _words("mehrere mehreren several")
"""What asks for at least two."""

LEAST: Final = _words("mindestens least")
"""What stands before a least number."""

FOR: Final = _words("für for an to towards an")
"""What leads to those for whom something is."""

ABOUT: Final = _words("zu zum zur on about mit with für for über of in im auf rund")
"""What leads to a topic."""

ARTICLES: Final = _words("the a an any all of on for in with which what existing does")
"""What stands before a noun in English."""

COPULA: Final = _words("sind ist waren are is were ein eine a an")
"""What says of what type something is."""

EXAMPLE: Final = _words("wie as")
"""What leads to an example."""

OTHER: Final = _words("andere anderen anderer anderes other others")
"""What leaves open what follows."""

AMONG: Final = _words("unter among")
"""What leads to the set that something is taken from."""

JOINS: Final = _words("und oder sowie and or")
"""What joins two of a kind."""

NUMBERS: Final = {
    word: number
    for number, pair in enumerate(
        ("zwei two", "drei three", "vier four", "fünf five", "sechs six", "sieben seven", "acht eight"), 2
    )
    for word in _words(pair)
}
"""Numbers in words."""

LINKING: Final = _words(
    """
    von vom der des den dem die das mit zu zum zur für im in auf an am aus bei durch über ein eine
    einer eines einem einen ihrem ihren ihrer of the for on a to with by at their its
    """
)
"""What may stand inside a name."""

JOINING: Final = _words(
    """
    und sowie oder als auch and or as well
    """
)
"""What joins the parts of a name."""

FUNCTION: Final = _words(
    """
    ab aber all alle allem allen aller alles also als am an andere anderem anderen anderer anderes ans
    auch auf aufs aus ausdrücklich beim bei bereits bisherig bisherige bisherigen bisschen bitte da
    dabei dafür damit danke daran darin das dass dazu dem den denen denn der deren derzeit des dessen
    die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines
    einzelne einzelnen eigene eigenen entlang entstanden entstehen es etwa etwas euch existieren
    existiert explizit finde finden findet für gemacht gemeinsam gemeint genannt genannte genannten
    genau gerade gerne gern gibt gibts hab habe haben hallo hat heißen heisst heißt heute hier ich ihm
    ihr ihre ihrem ihren ihrer im in ins ist ja jede jeder jedes jetzt kann kannst kenne kennen kennt
    komm kommen kommt könnte können konkret konkrete konkreten liefern liste mach mache machen macht
    mal man mein meine mich mir mit möchte momentan muss nach name namen nebst nehmen nehmt nimmt
    nenne nennen nennt noch nun nur oder ob per pro sag sage schon sehr sein seine seinem seinen
    seiner seit sich sie sind so solche solchen sollen sonst sowie sowohl statt stattfinden stelle
    stellen stellt such suche über überhaupt uns unser unsere um und unter vom von vor vorgestellt
    vorhanden vorstellen war was wäre wegen welch welche welchem welchen welcher welches wem wen wenn
    wer werden wessen weiß wie wieder wir wird wirken wissen wo wobei wofür woher womit woran worden
    worin wozu wurde wurden würde zeig zeige zeigen zu zum zur zwischen zwar ziehen a about act acts
    already among and any are around as at be been being both but by came can come comes could
    currently did do does each either every else exist exists exactly explicitly find for form from
    further gave get give given gives had has have having hello her here hey his how i if into is it
    its kindly know known leave leaves let like list look make makes many me mention mentioned more
    most much my named names nor now of off on one or other others our out over own please present
    presented presents same show single some something state stated states tell than thank thanks that
    the their them then there these they thing things this those to together too under us very via we
    were what when where which while who whom whose why will with within would you your region stammen
    stammt take takes quelle quellen source sources papier paper landschaft landscape stehen steht
    stand stands
    """
)
"""What no plan has to use. `Quelle` and `paper` mean what all statements come from."""

GERMAN: Final = _words(
    """
    der die das den dem ein eine welche welcher welches wer was wie und gibt es ist sind für mit von
    zu wo wann bei auf in im bieten hat haben zum zur welchen nach aus
    """
)
"""What speaks for a German question."""

ENGLISH: Final = _words(
    """
    the a an which who what how and there is are for with of to where when by on in at do does offer
    has have many between about
    """
)
"""What speaks for an English one."""

PARTICLES: Final = _words("zusammen teil an auf ab aus ein vor mit heraus bereit")
"""What German verbs leave at the end of a clause."""
