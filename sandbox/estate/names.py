"""Invented people and companies."""

from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words(
    "Ada Adaeze Aiko Alma Amara Anders Anika Arjun Astrid Aurelio Bashir Beatriz Bettina Bram Bronwyn Callum Camila "
    "Cecily Chidi Clara Corin Dalia Darnell Delphine Desmond Dimitri Dorothea Ebony Edda Efrain Eilidh Elif Emeka "
    "Esperanza Fatima Felix Fergus Fiona Freya Gaspard Gideon Greta Gwendolyn Hadiya Hamish Hana Harriet Hector "
    "Hiroshi Ibrahim Ilse Imani Ingrid Isadora Ivo Jamal Jarek Joaquin Jolene Kaito Kamala Katarzyna Keiko Kwame "
    "Lachlan Leila Linnea Lorenzo Lucinda Magnus Malik Marisol Mateo Mei Milan Mireille Nadia Nikolai Noor Obinna "
    "Odette Olu Orla Oscar Padma Paloma Petra Quentin Rafiq Renata Rhys Rosalind Rufus Sabine Saoirse Seo-yeon "
    "Silvan Simone Soren Tamsin Tariq Thandiwe Theodora Tomasz Uma Valentin Vesna Viggo Wanda Winston Xiomara Yara "
    "Yusuf Zainab Zoë"
)

FAMILY = _words(
    "Abernathy Achterberg Adeyemi Alcott Amundsen Aslan Bairstow Banerjee Barrowclough Beaumont Birkeland Blackwood "
    "Bonheur Brannigan Calloway Castellane Chakraborty Coldwell Cordero Crane Dalgaard Delacroix Demir Dunmore "
    "Eastwick Ekwueme Elliston Engström Farrow Fenwick Ferreira Fontaine Fukuda Gallagher Ganesan Garrick Goddard "
    "Grimaldi Haldane Harcourt Hashimoto Hawksworth Hennessy Holloway Ibarra Iwu Jankowski Jessop Kaplan Kavanagh "
    "Keating Kimura Kowalczyk Lachance Langford Lindqvist Lockhart Lopes MacAllister Maddox Mahlangu Marchetti "
    "Mbeki Merriweather Mirza Montague Moreau Mukherjee Nakagawa Nasser Navarro Ndiaye Norrington Núñez O'Connell "
    "O'Neill Oakley Obi Okafor Olsson Ortega Osei Pankhurst Pellegrini Pemberton Pereira Quigley Radcliffe Ramaswamy "
    "Rasmussen Ravensdale Redfern Rosewood Saito Salazar Sandoval Scholz Sheridan Silvestri Sinclair Sokolov "
    "Stavros Strand Sutherland Szymanski Takeda Tanaka Thackeray Thorne Tiernan Udoh Underhill Vandermeer Varga "
    "Vaughan Velasquez Wadsworth Waverly Whitlock Winterbourne Yamamoto Yilmaz Zamora Zeller"
)

FIRST_WORDS = _words(
    "Alder Amberley Ashcombe Birchwick Bramble Briarstone Copperleaf Dunlin Eastmere Fallowfield Fernhollow Foxglade "
    "Gorsebank Greywater Hartsfell Hazelmoor Ironbark Juniper Larkspur Lindenby Marlowe Meadowsweet Millrace "
    "Northfen Oakhanger Osprey Pebblebrook Quillby Ravenswick Saltmarsh Silverbirch Stonecrop Tarnside Thistledown "
    "Umberfield Wainscott Westering Willowmere Wrenfield Yarrowby"
)

SECOND_WORDS = _words(
    "Accounting Advisers Bakeries Builders Cabinetmakers Ceramics Chiropractic Conveyancing Couriers Engineering "
    "Estates Farms Foods Freight Gardens Hospice Insurance Interiors Laboratories Machining Optics Orthopaedics "
    "Paediatrics Pharmacy Physiotherapy Plastics Printing Publishing Roofing Schools Seeds Surveyors Textiles Tooling "
    "Translations Veterinary Windows"
)


def people(rng: Random, count: int) -> list[tuple[str, str]]:
    """So many different pairs of given and family name."""
    picks = rng.sample(range(len(GIVEN) * len(FAMILY)), count)
    return [(GIVEN[pick % len(GIVEN)], FAMILY[pick // len(GIVEN)]) for pick in picks]


def companies(rng: Random, count: int) -> list[str]:
    """So many different company names; a longer list begins with the shorter one."""
    every = [f"{first} {second}" for first in FIRST_WORDS for second in SECOND_WORDS]
    rng.shuffle(every)
    return every[:count]
