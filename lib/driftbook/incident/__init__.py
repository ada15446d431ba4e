"""What happened in an incident: events, evidence, reach, lessons. Pure, on stored audits alone."""
