"""Invented people and places for the demo's stories."""

WOMEN = (
    "Jean", "Aisha", "Margaret", "Kelly", "Joan", "Shanice", "Oluwaseun", "Elżbieta", "Fatima", "Gwyneth",
    "Siobhán", "Mei Ling", "Patricia", "Leanne", "Zainab", "Charlotte", "Sunita", "Ruby", "Edna", "Natalia",
    "Chidinma", "Maureen", "Stacey", "Amina", "Dorothy", "Ivy", "Harpreet", "Bernadette", "Jade", "Thu", "Carmel",
    "Renée", "Olena", "Rukhsana", "Sheila", "Kirsty", "Abena", "Valerie", "Roisin", "Noor", "Eilidh", "Precious",
    "Lynne", "Hyacinth", "Ludmila", "Tia",
)  # fmt: skip
MEN = (
    "Derek", "Yusuf", "Leroy", "Stanisław", "Brian", "Kofi", "Hamza", "Trevor", "Dylan", "Gurpreet", "Seán", "Ken",
    "Tyrone", "Alfie", "Ibrahim", "Wojciech", "Rhodri", "Tariq", "Colm", "Nathan", "Desmond", "Xiang", "Mick",
    "Jaden", "Abdi", "Walter", "Ravi", "Keiran", "Luca", "Norman", "Olumide", "Petru", "Frank", "Jamal", "Callan",
    "Vijay", "Terence", "Malachy", "Bilal", "Reece", "Hugo", "Amir", "Sidney", "Tomos", "Kwasi", "Ethan", "Jürgen",
    "Mohan",
)  # fmt: skip
FAMILY_NAMES = (
    "Ainsworth", "Bakare", "Caldwell", "D’Souza", "Eastwood", "Farooq", "Gallagher", "Hargreaves", "Ismail",
    "Jankowski", "Kaur", "Lockwood", "Mbeki", "Nightingale", "O’Rourke", "Parmar", "Quigley", "Rawlinson", "Szabó",
    "Thackeray", "Uddin", "Villiers", "Wainwright", "Yeboah", "Zaman", "Bradshaw", "Chaudhry", "Dunne", "Ekwueme",
    "Fairhurst", "Grabowska", "Hussein", "Ibekwe", "Jarvis", "Kamara", "Lomas", "McIntyre", "Nazir", "Oduya",
    "Pennington", "Rafferty", "Sandhu", "Tomlinson", "Umar", "Vaughan", "Whitehead", "Yildiz", "Ashcroft", "Begum",
    "Cartwright", "Danso", "Ellery", "Fitzgerald", "Goodchild", "Heptonstall", "Innes", "Jallow", "Kirkbride",
    "Lall", "Mwangi", "Naylor", "Osbourne", "Popescu", "Radcliffe", "Singh", "Tran", "Underhill", "Warburton",
    "Zielińska", "Appiah", "Birtwistle", "Crowther",
)  # fmt: skip
STREETS = (
    "Alder Close", "Beacon Street", "Canal Row", "Dovecote Lane", "Elmfield Road", "Foundry Court", "Garnet House",
    "Harebell Way", "Ivy Terrace", "Jubilee Court", "Kiln Street", "Larkfield Rise", "Mill Bank", "Northgate Tower",
    "Orchard View", "Priory Walk", "Quarry Hill", "Rowan House", "St Anne’s Court", "Tanner’s Yard", "Upper Green",
    "Viaduct Road", "Weavers Court", "Yew Tree Avenue", "Beech House", "Cobden Street", "Dale Court", "Fern Bank",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
