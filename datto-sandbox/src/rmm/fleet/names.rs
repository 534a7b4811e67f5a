//! Invented names.

pub(crate) const COMPANIES: [&str; 40] = [
    "Contoso",
    "Fabrikam",
    "Northwind",
    "Adventure Works",
    "Tailspin",
    "Wingtip",
    "Litware",
    "Proseware",
    "Fourth Coffee",
    "Graphic Design Institute",
    "Humongous",
    "Lucerne",
    "Margie's Travel",
    "Relecloud",
    "School of Fine Art",
    "Trey",
    "VanArsdel",
    "Wide World",
    "Woodgrove",
    "Blue Yonder",
    "City Power",
    "Coho",
    "Consolidated",
    "Alpine",
    "Bellows",
    "Best For You",
    "Datum",
    "Denali",
    "First Up",
    "Jäger & Söhne",
    "Lamna",
    "Liberty's",
    "Mosaïque",
    "Munson's",
    "Nod",
    "Olive Farm",
    "Parnell",
    "Southridge",
    "Terra Firm",
    "The Phone Company",
];

pub(crate) const TRADES: [&str; 12] = [
    "Accounting",
    "Dental",
    "Logistics",
    "Legal",
    "Bakery",
    "Engineering",
    "Clinic",
    "Insurance",
    "Foods",
    "Media",
    "Schools",
    "Builders",
];

pub(crate) const FIRST: [&str; 16] =
    ["Ada", "Bo", "Cleo", "Dana", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jo", "Kim", "Lou", "Max", "Nia", "Oli", "Pat"];

pub(crate) const LAST: [&str; 16] = [
    "Archer", "Baker", "Cooper", "Dyer", "Eaton", "Fisher", "Glover", "Hunter", "Ives", "Joiner", "Keeler", "Lister",
    "Mason", "Naylor", "Orchard", "Potter",
];
