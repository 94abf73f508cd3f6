"""The rules: what a sentence must look like to say something, and how much it is trusted.

Patterns are written as `ingest.patterns.matcher` reads them. They speak of kinds of things and of common
words, never of a particular name. docs/statements.md lists them with examples.
"""

from dataclasses import dataclass

from ontology.namespaces import CLU, ORG

OFFERS, HOSTS = CLU + "offersInstrument", CLU + "hosts"
COOPERATES, MEMBER, PARTICIPATES = CLU + "cooperatesWith", ORG + "memberOf", CLU + "participatesIn"
COVERS, FREQUENCY = CLU + "coversTopic", CLU + "hasFrequency"
FUNDING, PARTICIPANTS, PARTNERS = CLU + "fundingVolume", CLU + "participantCount", CLU + "partnerCount"
PROJECTS, RESULTS = CLU + "projectCount", CLU + "resultCount"

_REL = "die|das|der|dem|den|welche|welches|welcher"
_OFFER_DE = (
    "bietet|bieten|bot|betreibt|betreiben|organisiert|organisieren|organisierte|veranstaltet|veranstalten|"
    "veröffentlicht|veröffentlichen|veröffentlichte|publiziert|publizieren|verantwortet|entwickelte|initiierte|"
    "gründete|startet|startete|eröffnet|eröffnete|koordiniert|koordinieren|unterhält|unterhalten|führt|stellt|"
    "gibt|richtet|pflegt|leitet|erstellt|kann|können|könnte|könnten|sollte|sollten|soll|wird|plant|planen"
)
_OFFER_EN = (
    "offers|offer|offered|runs|run|ran|operates|operate|operated|organises|organizes|organised|organized|"
    "organise|organize|publishes|publish|published|provides|provide|provided|launched|launches|launch|hosts|"
    "hosted|host|coordinates|coordinate|coordinated|maintains|maintain|established|founded|initiated|holds|held"
)
_WORK_DE = (
    "unterstützt|unterstützen|unterstützte|fördert|fördern|förderte|begleitet|begleiten|berät|beraten|informiert|"
    "informieren|sensibilisiert|sensibilisieren|qualifiziert|qualifizieren|vernetzt|vernetzen|bündelt|bündeln|"
    "vertritt|vertreten|treibt|treiben|entwickelt|entwickeln|erarbeitet|erarbeiten|erforscht|erforschen|stärkt|"
    "stärken|etabliert|etablieren|beschleunigt|beschleunigen|ermöglicht|ermöglichen|bietet|bieten|bringt|bringen|"
    "trägt|tragen|setzt|setzen|schafft|schaffen|spielt|spielen"
)
_WORK_EN = (
    "supports|support|promotes|promote|advances|advance|accompanies|accompany|advises|advise|informs|inform|"
    "connects|connect|trains|train|develops|develop|strengthens|strengthen|drives|drive|brings|bring|offers|offer|"
    "helps|help|works|work|contributes|contribute|represents|represent"
)
_WORK_NOUN_DE = (
    "unterstützung|begleitung|förderung|betreuung|bereitstellung|organisation|vernetzung|entwicklung|beratung|"
    "qualifizierung|weiterbildung|sensibilisierung|analyse|engagement|aktivitäten|angebot*|erprobung|forschung"
)
_WORK_NOUN_EN = "support|promotion|development|advice|training|analysis|work|research|activities|testing"


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to say something: patterns for each language, what they propose and how sure that is."""

    name: str
    predicate: str
    confidence: float
    german: tuple[str, ...] = ()
    english: tuple[str, ...] = ()


RULES = (
    Rule(
        "offer-of",
        OFFERS,
        0.9,
        ("O:offer der|des|von|vom ~1 S:organisation", "O:offer von der|des|dem|den S:organisation",
         "O:offer der|des|von <organisation> in kooperation|zusammenarbeit|partnerschaft mit ~1 S:organisation"),
        ("O:offer of|by|from|run|organised|organized|published the|by? ~1 S:organisation",
         "O:offer of|by|from S:organisation", "S:organisation 's ~3 O:offer"),
    ),
    Rule(
        "offer-verb",
        OFFERS,
        0.85,
        (f"S:organisation ~6 {_OFFER_DE} ~15 O:offer",
         f"{_OFFER_DE} ~2 S:organisation ~15 O:offer",
         f"S:organisation , {_REL} ~15 O:offer ~8 bietet|bieten|betreibt|organisiert|anbietet|veranstaltet|"
         "herausgibt|veröffentlicht|bereitstellt|koordiniert|ausrichtet",
         "O:offer , den|die|das|welche* S:organisation ~8 bietet|betreibt|organisiert|anbietet|veranstaltet|"
         "herausgibt|veröffentlicht|bereitstellt|koordiniert|ausrichtet"),
        (f"S:organisation ~3 {_OFFER_EN} ~8 O:offer",
         f"S:organisation , which|who|that ~2 {_OFFER_EN} ~8 O:offer"),
    ),
    Rule(
        "offer-passive",
        OFFERS,
        0.85,
        ("von|vom|durch ~1 S:organisation ~2 initiierte*|organisierte*|entwickelte*|herausgegebene*|betriebene*|"
         "veranstaltete*|veröffentlichte*|angebotene*|koordinierte* ~3 O:offer",
         "O:offer ~6 wird|werden|wurde|wurden ~6 von|vom|durch ~2 S:organisation ~6 angeboten|organisiert|"
         "betrieben|veranstaltet|herausgegeben|veröffentlicht|entwickelt|initiiert|koordiniert|ausgerichtet",
         "mit ~1 S:organisation wird|werden|wurde|wurden ~15 O:offer angeboten|organisiert|veranstaltet|"
         "durchgeführt|entwickelt",
         "Aufbau|Betrieb|Entwicklung einer|eines|der|des O:offer durch ~1 S:organisation"),
        ("O:offer ~2 is|are|was|were ~2 offered|organised|organized|run|published|operated|provided|launched|"
         "hosted|coordinated|initiated by ~1 S:organisation",),
    ),
    Rule(
        "offer-own",
        OFFERS,
        0.85,
        ("S:organisation ~~12 sein|seine|seinem|seinen|seiner|ihr|ihre|ihrem|ihren|ihrer ~2 O:offer",),
        ("S:organisation ~8 its|their ~2 O:offer",),
    ),
    Rule(
        "offer-through",
        OFFERS,
        0.75,
        ("S:organisation ~15 unterstützt|fördert|informiert|berät|qualifiziert|begleitet|vernetzt ~15 "
         "mit|über|durch|wie ~2 O:offer",
         "S:organisation unterstützt|fördert|informiert|berät|qualifiziert|begleitet|vernetzt ~10 wie den|dem|der "
         "O:offer"),
        ("S:organisation ~2 supports|advises|informs|trains|connects ~10 with|through|via|by ~2 O:offer",),
    ),
    Rule(
        "host",
        HOSTS,
        0.85,
        ("S:organisation ~12 gastgeber*|ausrichter*|veranstalter* der|des|von ~3 O:fair",
         "S:organisation ~3 veranstaltet|organisiert ~5 O:fair"),
        ("S:organisation ~2 hosts|hosted|organises|organizes ~4 O:fair",
         "S:organisation ~2 host|organiser|organizer of ~3 O:fair"),
    ),
    Rule(
        "cooperate-noun",
        COOPERATES,
        0.9,
        ("kooperation*|zusammenarbeit|partnerschaft|entwicklungspartnerschaft|allianz von|vom|der|des|zwischen ~1 "
         "S:organisation mit|und ~3 O:organisation",
         "S:organisation ~2 in|unter enger|enge? kooperation|zusammenarbeit|partnerschaft mit ~2 O:organisation",
         "S:organisation , ~3 partner von|der|des O:organisation"),
        ("cooperation|collaboration|partnership|alliance between|of ~1 S:organisation and|with ~2 O:organisation",
         "S:organisation ~3 in cooperation|collaboration|partnership with ~2 O:organisation",
         "S:organisation ~1 partner|partners of|with ~2 O:organisation"),
    ),
    Rule(
        "cooperate-verb",
        COOPERATES,
        0.9,
        ("S:organisation ~3 kooperiert|kooperieren|kooperierte ~6 mit ~3 O:organisation",
         "S:organisation ~3 arbeitet|arbeiten|arbeitete ~8 mit ~3 O:organisation ~8 zusammen",
         "S:organisation ~3 gemeinsam|zusammen mit ~3 O:organisation"),
        ("S:organisation ~3 cooperates|cooperate|collaborates|collaborate|cooperated|collaborated|works|work "
         "closely? together? with ~3 O:organisation",
         "S:organisation ~3 together|jointly with ~3 O:organisation"),
    ),
    Rule(
        "cooperate-focus",
        COOPERATES,
        0.7,
        ("S:focus gemeinsam|zusammen mit ~1 O:organisation",
         "S:focus ~6 besteht|bestehen ~8 zusammenarbeit|kooperation|partnerschaft mit ~2 O:organisation"),
        ("S:focus together|jointly with ~1 O:organisation",),
    ),
    Rule(
        "offer-focus",
        OFFERS,
        0.7,
        ("S:focus gemeinsam|zusammen mit ~1 <organisation> wird|werden|wurde|wurden ~15 O:offer angeboten|"
         "organisiert|veranstaltet|durchgeführt|entwickelt",),
        ("S:focus together|jointly with ~1 <organisation> , it ~2 offers|organises|organizes|runs ~5 O:offer",),
    ),
    Rule(
        "member",
        MEMBER,
        0.9,
        ("mitgliedschaft der|des|von|vom ~1 S:organisation im|in|am|an|bei ~3 O:organisation|project",
         "S:organisation ~3 ist|sind|wurde|war|als ~4 mitglied|mitglieder|gründungsmitglied im|in|am|an|der|des|von|"
         "vom|bei ~4 O:organisation|project",
         "S:organisation ~3 gehört|gehören ~4 dem|der|den O:organisation an"),
        ("membership of ~1 S:organisation in ~3 O:organisation",
         "S:organisation ~3 is|are|became|as ~4 member|members of|in ~3 O:organisation",
         "S:organisation ~2 joined ~2 O:organisation"),
    ),
    Rule(
        "take-part",
        PARTICIPATES,
        0.85,
        ("teilnahme|beteiligung|mitwirkung|partizipation|mitarbeit der|des|von|vom ~1 S:organisation ~4 "
         "an|am|bei|beim|auf ~6 O:event|project|funding|organisation",
         "teilnahme|beteiligung|mitwirkung der|des|von ~8 S:organisation auf|an|am|bei ~4 O:event|project|funding",
         "von|vom ~1 S:organisation ~6 teilnahme|beteiligung an|am|bei ~2 O:event|project|funding",
         "S:organisation ~3 nimmt|nehmen|nahm|nahmen ~6 an|am|bei ~5 O:event|project|funding ~5 teil",
         "S:organisation ~3 beteiligt|beteiligen ~6 an|am|bei ~4 O:event|project|funding",
         "S:organisation ~3 ist|sind|war|waren|wirkt|wirken ~6 an|am|bei|auf ~4 O:event|project|funding ~3 "
         "beteiligt|vertreten|mit|dabei",
         "S:organisation ~5 ist|sind|agiert|fungiert|als ~5 projektpartner*|partner|vernetzungspartner|"
         "konsortialpartner|konsortialführer bei|im|in|des|der|vom|von ~5 O:project|funding|event",
         "agiert|fungiert ~2 S:organisation als ~4 projektpartner*|partner|vernetzungspartner|konsortialpartner|"
         "konsortialführer bei|im|in|des|der ~5 O:project|funding|event",
         f"O:project|funding|event , an|in|bei {_REL} ~2 S:organisation ~3 beteiligt|mitwirkt|mitarbeitet|teilnimmt",
         "durch|in|mit ~4 wie? ~2 O:project|funding unterstützt|fördert|treibt|entwickelt|erprobt ~2 S:organisation",
         "durch|in|mit ~~6 wie ~1 O:project|funding , unterstützt|fördert|treibt|entwickelt|erprobt ~1 S:organisation",
         "S:organisation auf|bei der ~4 O:event",
         "S:organisation ~6 im Rahmen von|der|des ~6 O:project|funding"),
        ("participation|involvement of|by ~1 S:organisation in|at ~3 O:event|project|funding",
         "S:organisation ~3 participates|participate|participated ~3 in|at ~3 O:event|project|funding",
         "S:organisation ~3 takes|take|took part in|at ~3 O:event|project|funding",
         "S:organisation ~3 is|are|was|were|as ~4 involved|partner|partners|represented|exhibitor in|at|of ~3 "
         "O:event|project|funding",
         "S:organisation ~3 exhibits|exhibited|presents|presented ~6 at ~2 O:event"),
    ),
    Rule(
        "take-part-body",
        PARTICIPATES,
        0.85,
        (f"O:organisation , an|in {_REL} ~2 S:organisation ~3 beteiligt|mitwirkt|mitarbeitet",
         "S:organisation ~3 ist|sind|war|waren ~3 am|an ~3 O:organisation ~2 beteiligt"),
        ("O:organisation , in which ~2 S:organisation ~2 is|are|take|takes involved|part|partners?",),
    ),
    Rule(
        "rhythm-adjective",
        FREQUENCY,
        0.9,
        ("O:frequency ~4 S:offer", "O:frequency ~8 im rahmen der|des|von S:offer"),
        ("O:frequency ~2 S:offer",),
    ),
    Rule(
        "rhythm-verb",
        FREQUENCY,
        0.9,
        ("S:offer ~5 erscheint|erscheinen|findet|finden|tagt|trifft|wird|werden ~4 O:frequency",
         "O:frequency ~2 erscheint|erscheinen|findet|finden|tagt|wird|werden ~3 S:offer"),
        ("S:offer ~3 appears|appear|is|are|takes|take|meets ~5 O:frequency",),
    ),
    Rule(
        "rhythm-relative",
        FREQUENCY,
        0.75,
        ("S:offer , der|die|das|welche* ~~14 O:frequency",
         "S:offer der|des|von|vom <organisation> , der|die|das|welche* ~6 O:frequency"),
        ("S:offer , which|that ~8 O:frequency",),
    ),
    Rule(
        "covers-verb",
        COVERS,
        0.8,
        (f"S:organisation|offer ~4 ,? {_REL}? ~4 fokussiert|fokussieren|konzentriert|spezialisiert|beschäftigt|befasst|widmet|"
         "engagiert ~6 auf|mit|in|für|um ~~10 O:topic",
         "schwerpunkt|fokus|augenmerk legt|legen|setzt|setzen ~2 S:organisation ~6 auf ~~10 O:topic",
         f"S:organisation|offer , {_REL} sich ~3 mit|auf|in|an|um ~6 O:topic ~5 beschäftigt|beschäftigen|befasst|"
         "befassen|widmet|widmen|konzentriert|fokussiert|beziehen|bezieht|spezialisiert|engagiert|einsetzt",
         "S:organisation|offer ~3 setzt|setzen|legt|legen ~8 schwerpunkt|fokus|augenmerk auf ~4 O:topic",
         f"S:organisation|offer ~4 , {_REL} ~5 zu|über|von ~6 O:topic ~8 informiert|informieren|sensibilisiert",
         "S:organisation ~4 als ~3 plattform|anlaufstelle|ansprechpartner|netzwerk|zentrum für|rund ~3 O:topic",
         "S:organisation ~3 arbeitet|arbeiten ~8 an|für|zu ~5 O:topic",
         "S:organisation ~6 in|bei der|dem förderung|entwicklung|etablierung|stärkung von|der|des ~3 O:topic"),
        ("S:organisation|offer ~3 focuses|focus|focused|concentrates|specialises|specializes|specialised|"
         "specialized|works|work|deals|deal ~2 on|in|with ~6 O:topic",
         "S:organisation|offer ~2 covers|cover|addresses|promotes|supports|advances ~5 O:topic"),
    ),
    Rule(
        "covers-field",
        COVERS,
        0.75,
        ("S:offer im|in|zu|zum|zur|für|über|rund ~4 O:topic",
         "S:offer ~4 im Bereich|Bereichen|Themenfeld|Feld ~2 O:topic"),
        ("S:offer on|for|in|about ~4 O:topic",),
    ),
    Rule(
        "covers-work",
        COVERS,
        0.65,
        (f"S:organisation ~4 {_WORK_DE} ~~16 O:topic",
         f"{_WORK_DE} ~3 S:organisation ~~14 O:topic",
         f"S:organisation ,? {_REL} ~~18 O:topic",
         "S:organisation ~~4 , um ~~10 O:topic"),
        (f"S:organisation ~3 {_WORK_EN} ~~12 O:topic",
         f"S:organisation , which|who|that ~3 {_WORK_EN} ~~12 O:topic"),
    ),
    Rule(
        "covers-work-noun",
        COVERS,
        0.65,
        (f"{_WORK_NOUN_DE} ~~14 O:topic ~~14 durch|von ~5 S:organisation",
         f"{_WORK_NOUN_DE} der|des|vom|von ~2 S:organisation ~~14 O:topic"),
        (f"{_WORK_NOUN_EN} ~~8 O:topic ~~6 by|from ~2 S:organisation",
         f"{_WORK_NOUN_EN} of|by ~1 S:organisation ~~8 O:topic"),
    ),
    Rule(
        "covers-offer",
        COVERS,
        0.65,
        (f"S:offer|project|fair ~2 , {_REL}|das ~~18 O:topic",
         f"S:offer|project|fair ( ~2 ) , {_REL}|das ~~18 O:topic",
         f"S:offer|project der|des|von|vom ~1 <organisation> ,? {_REL}|das ~~18 O:topic",
         f"S:offer|project|fair , bei|auf|in|mit {_REL} ~~12 O:topic",
         "S:offer|project der|des|von|vom ~1 <organisation> ~2 zu|zur|zum|für|über|im|in ~4 O:topic",
         f"S:offer|project der|des|von|vom ~1 <organisation> in kooperation|zusammenarbeit mit ~1 <organisation> ,? {_REL}|das ~~18 O:topic",
         "S:offer|project|fair der|des|von|vom ~1 <organisation> ~~30 Bereich*|Themenfeld*|Gebiet* ~2 O:topic",
         "O:topic wie ~2 S:offer|fair|project",
         "S:offer|project ~~8 , um ~~10 O:topic",
         "O:topic ~3 S:offer"),
        ("S:offer ,? which|that ~~10 O:topic",),
    ),
    Rule(
        "covers-industry",
        COVERS,
        0.8,
        ("S:organisation ~3 informiert|vernetzt|unterstützt|berät|vertritt|begleitet ~4 O:topic",
         "S:organisation ~8 begleitet ~6 O:topic"),
        ("S:organisation ~2 connects|represents|unites|advises ~4 O:topic",),
    ),
)  # fmt: skip
