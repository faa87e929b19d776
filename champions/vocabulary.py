"""Words of the oversight floor."""

from __future__ import annotations

from concerns.vocabulary import AdultAbuse

# V2: the term of the national return (Safeguarding Adults Collection, table 2a) for each local kind of abuse.
# There is none for criminal exploitation: it goes by its nature, and until the lead chooses otherwise to
# psychological abuse.
SAC_TERMS: dict[str, str] = {
    AdultAbuse.PHYSICAL: "Physical Abuse",
    AdultAbuse.DOMESTIC: "Domestic Abuse",
    AdultAbuse.SEXUAL: "Sexual Abuse",
    AdultAbuse.SEXUAL_EXPLOITATION: "Sexual Exploitation",
    AdultAbuse.PSYCHOLOGICAL: "Psychological Abuse",
    AdultAbuse.FINANCIAL: "Financial or Material Abuse",
    AdultAbuse.SLAVERY: "Modern Slavery",
    AdultAbuse.DISCRIMINATORY: "Discriminatory Abuse",
    AdultAbuse.ORGANISATIONAL: "Organisational Abuse",
    AdultAbuse.CRIMINAL_EXPLOITATION: "Psychological Abuse",
    AdultAbuse.NEGLECT: "Neglect and Acts of Omission",
    AdultAbuse.SELF_NEGLECT: "Self-Neglect",
}
