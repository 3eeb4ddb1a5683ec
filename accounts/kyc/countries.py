"""Countries that money laundering standards single out, as ISO 3166-1 alpha-2 codes.

Source: FATF, "High-Risk Jurisdictions subject to a Call for Action" and "Jurisdictions under Increased Monitoring", both of
24 October 2025. FATF decides anew every February, June and October; a bank keeps its own lists in the settings
`BANKOPS_CALL_FOR_ACTION` and `BANKOPS_INCREASED_MONITORING`.
"""

from __future__ import annotations

CALL_FOR_ACTION = ("IR", "KP", "MM")

INCREASED_MONITORING = (
    *("AO", "BG", "BO", "CD", "CI", "CM", "DZ", "HT", "KE", "LA"),
    *("LB", "MC", "NA", "NP", "SS", "SY", "VE", "VG", "VN", "YE"),
)
