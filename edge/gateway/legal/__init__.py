"""What shoppers agree to, in versions: terms of service, privacy policy, messages with offers."""

from edge.gateway.legal.documents import TEXTS, BadText, Documents, LegalText, Section

__all__ = ["TEXTS", "BadText", "Documents", "LegalText", "Section"]
