"""What shoppers agree to, in versions: terms of service, privacy policy, messages with offers."""

from edge.gateway.legal.documents import TEXTS, BadText, Document, Documents, Section

__all__ = ["TEXTS", "BadText", "Document", "Documents", "Section"]
