"""Clean input for decisions, referrals, agencies and lists."""
