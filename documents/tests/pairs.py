"""Claims and the words they rest on, written for these tests: what stands, what does not, and why."""

from __future__ import annotations

from documents.checks.support import Reason

TRUE: list[tuple[str, str]] = [
    ("Night shifts shorten the sleep of nurses.", "Among nurses, sleep was shortened by night shifts."),
    ("Drip irrigation saved 40 percent of the water.", "With drip irrigation 40% of the water was saved."),
    (
        "Rural clinics had fewer doctors than urban ones.",
        "There were fewer doctors in rural clinics than in urban clinics.",
    ),
    ("The survey covered 1,200 households.", "A survey of 1200 households was carried out in spring."),
    (
        "Peer review found errors in a third of manuscripts.",
        "Errors were found by peer review in one third of the manuscripts.",
    ),
    ("Reading fluency improved after daily practice.", "Daily practice improved reading fluency in the second grade."),
    ("The treatment was not followed by infections.", "No infections followed the treatment."),
    ("Insulation lowers heating costs of old houses.", "Heating costs of old houses were lowered by insulation."),
    ("Bees visited flowering strips more often.", "Flowering strips were visited by bees more often than lawns."),
    ("The archive holds 2.5 million letters.", "Some 2,500,000 letters are held in the archive."),
    ("Teachers asked for smaller classes.", "Smaller classes were what teachers asked for."),
    ("Concrete shrinks while it dries.", "While it dries, concrete shrinks."),
    ("Ground water was sampled at 4 wells.", "We sampled ground water at four wells."),
    ("Two doses protected better than one.", "Protection was better after two doses than after one."),
    ("Noise barriers may reduce annoyance.", "Annoyance may be reduced by noise barriers."),
    ("Урожайність пшениці зросла на 12 відсотків.", "Урожайність пшениці зросла на 12 % порівняно з контролем."),
    ("Опитано 350 студентів трьох університетів.", "Було опитано 350 студентів із трьох університетів."),
    ("Втома знижує увагу водіїв.", "Увагу водіїв знижувала втома."),
    ("Різниці між групами не виявлено.", "Між групами різниці не виявлено."),
    ("Місто має 1,4 млн мешканців.", "У місті мешкає 1 400 000 мешканців."),
]

FALSE: list[tuple[str, str, Reason]] = [
    (
        "Night shifts lengthen and improve the sleep of nurses.",
        "Among nurses, sleep was reduced by night shifts.",
        Reason.DIRECTION,
    ),
    (
        "Drip irrigation saved 60 percent of the water.",
        "With drip irrigation 40% of the water was saved.",
        Reason.FIGURE,
    ),
    ("The survey covered 12,000 households.", "A survey of 1200 households was carried out in spring.", Reason.FIGURE),
    ("Infections followed the treatment.", "No infections followed the treatment.", Reason.DENIAL),
    (
        "Insulation increases heating costs of old houses.",
        "Heating costs of old houses were lowered by insulation.",
        Reason.DIRECTION,
    ),
    (
        "Bees prefer blue paint on tractors.",
        "Flowering strips were visited by bees more often than lawns.",
        Reason.OTHER_MATTER,
    ),
    ("The archive holds 2.5 billion letters.", "Some 2,500,000 letters are held in the archive.", Reason.FIGURE),
    ("Teachers asked for larger classes.", "Smaller classes were what teachers asked for.", Reason.DIRECTION),
    ("Concrete expands while it dries.", "While it dries, concrete shrinks.", Reason.DIRECTION),
    ("Ground water was sampled at 9 wells.", "We sampled ground water at four wells.", Reason.FIGURE),
    (
        "Reading fluency worsened after daily practice.",
        "Daily practice improved reading fluency in the second grade.",
        Reason.DIRECTION,
    ),
    (
        "Peer review found errors in 80 percent of manuscripts.",
        "Errors were found by peer review in one third of the manuscripts.",
        Reason.FIGURE,
    ),
    ("The bridge was opened by a minister in June.", "Noise barriers may reduce annoyance.", Reason.OTHER_MATTER),
    (
        "The vaccine does protect children from measles.",
        "The vaccine does not protect children from measles.",
        Reason.DENIAL,
    ),
    ("Wages rose while prices stood still.", "Wages fell while prices stood still.", Reason.DIRECTION),
    (
        "Урожайність пшениці знизилася на 12 відсотків.",
        "Урожайність пшениці зросла на 12 % порівняно з контролем.",
        Reason.DIRECTION,
    ),
    ("Опитано 530 студентів трьох університетів.", "Було опитано 350 студентів із трьох університетів.", Reason.FIGURE),
    ("Різницю між групами виявлено.", "Між групами різниці не виявлено.", Reason.DENIAL),
    ("Місто має 14 млн мешканців.", "У місті мешкає 1 400 000 мешканців.", Reason.FIGURE),
    ("Втома підвищує увагу водіїв.", "Увагу водіїв знижувала втома.", Reason.DIRECTION),
]

OVERSTATED: list[tuple[str, str]] = [
    (
        "Insulation always lowers heating costs of old houses.",
        "Heating costs of old houses were often lowered by insulation.",
    ),
    ("Daily practice proves that reading fluency improves.", "Daily practice may have improved reading fluency."),
    ("Усі студенти працюють уночі.", "Деякі студенти працюють уночі."),
]

REVERSED: list[tuple[str, str]] = [
    ("Poverty follows illness.", "Illness follows poverty in this account."),
    ("Editors trust reviewers.", "Reviewers trust editors, we observed."),
    ("Trade brought peace to the region.", "Peace in the region brought trade."),
    ("Parents imitate their children.", "Children imitate their parents in all matters."),
    ("The north supplied the south with grain.", "Grain of the south was supplied to the north."),
    ("Demand shaped the technology.", "The technology shaped demand."),
    ("Speakers of Polish understood Ukrainian texts.", "Ukrainian speakers understood texts in Polish."),
    ("Мова впливає на мислення.", "Мислення впливає на мову, стверджує автор."),
    ("Учні оцінювали вчителів.", "Вчителі оцінювали учнів."),
    ("Theory preceded the experiment.", "The experiment preceded theory."),
]
"""Every word of them stands in what they rest on, and they say the opposite. Computing cannot tell; a judge must."""
