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

OTHER_TRUE: list[tuple[str, str]] = [
    ("Museum visits grew after the collections went online.", "Visits to museums grew once collections were online."),
    ("Savings were needed for the effect to appear.", "The effect appeared only in households with savings."),
    (
        "Letters lowered prescriptions by 11 percent.",
        "Prescriptions were lower by 11 percent in the group with letters.",
    ),
    ("Filters reduced the release of fibres.", "Filters in the laundries reduced the release of fibres within months."),
    ("Bilingual children were faster in one task.", "Bilingual children were faster in one of the tasks."),
    ("Unclear rights prevented publication.", "Publication of photographs was prevented by unclear rights."),
    ("The wage gap widened after the first child.", "After the birth of the first child the wage gap widened."),
    ("Grandparents noticed that children withdrew.", "Grandparents reported that children became withdrawn."),
    ("Batteries cut the cases by 70 percent.", "Batteries reduced these cases by 70 percent."),
    ("Models preferred male applicants.", "All four models preferred male applicants."),
    ("Sleep explained half of the association.", "Sleep explained about half of the association."),
    ("Green roofs held back 55 percent of the rain.", "Green roofs held back 55 percent of the rain of a year."),
    ("Plots were watered for 3 seasons.", "Plots were watered during three seasons."),
    ("Maintenance was more expensive than planned.", "Maintenance cost more than planners had planned."),
    ("Опитано 1240 учнів.", "Опитано 1 240 учнів і 310 учителів двадцяти шкіл."),
    ("Успішність з математики знизилася.", "Успішність з математики знизилася, а з мови майже не змінилася."),
    ("Регулярний відпочинок зменшував виснаження.", "Виснаження зменшував регулярний відпочинок."),
    ("Споживання тепла зменшилося на 28 %.", "Споживання тепла зменшилося в середньому на 28 відсотків."),
    ("Третина перевіряла новини.", "Лише третина перевіряла новину в іншому джерелі."),
    ("Витрати пального були меншими.", "Витрати пального за прямої сівби були меншими на 45 відсотків."),
]
"""Written after the checks, and by nothing of them: what stands."""

OTHER_FALSE: list[tuple[str, str]] = [
    ("Museum visits fell after the collections went online.", "Visits to museums grew once collections were online."),
    ("The effect appeared in households without savings.", "The effect appeared only in households with savings."),
    (
        "Letters lowered prescriptions by 21 percent.",
        "Prescriptions were lower by 11 percent in the group with letters.",
    ),
    ("Filters raised the release of fibres.", "Filters in the laundries reduced the release of fibres within months."),
    ("Bilingual children were slower in one task.", "Bilingual children were faster in one of the tasks."),
    ("Clear rights led to publication of all photographs.", "Unclear rights prevented the publication of photographs."),
    ("The wage gap closed after the first child.", "After the birth of the first child the wage gap widened."),
    ("Children reported that grandparents became withdrawn.", "Grandparents reported that children became withdrawn."),
    ("Batteries cut the cases by 17 percent.", "Batteries reduced these cases by 70 percent."),
    ("Models preferred female applicants.", "All four models preferred male applicants."),
    ("The association explained half of sleep.", "Sleep explained about half of the association."),
    ("Green roofs held back all of the heaviest storms.", "Green roofs held back 55 percent of the rain of a year."),
    ("Plots were watered for 13 seasons.", "Plots were watered during three seasons."),
    ("Maintenance was cheaper than planned.", "Maintenance cost more than planners had planned."),
    ("Опитано 2140 учнів.", "Опитано 1 240 учнів і 310 учителів двадцяти шкіл."),
    ("Успішність з математики зросла.", "Успішність з математики знизилася, а з мови майже не змінилася."),
    ("Регулярний відпочинок не зменшував виснаження.", "Виснаження зменшував регулярний відпочинок."),
    ("Споживання тепла збільшилося на 28 %.", "Споживання тепла зменшилося в середньому на 28 відсотків."),
    ("Виснаження зменшувало регулярний відпочинок.", "Регулярний відпочинок зменшував виснаження."),
    ("Витрати добрив були меншими на 45 відсотків.", "Витрати пального були меншими на 45 відсотків."),
]
"""As they: what does not stand, for reasons that computing finds and for some that it cannot."""
