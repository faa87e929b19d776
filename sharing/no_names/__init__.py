"""Advice without names: does a text say who it is about? (R35; 000 golden rule 3; 004 B3, F2.) Pure."""

from sharing.no_names.scanner import Hit, HitKind, Known, names_in, scan

__all__ = ["Hit", "HitKind", "Known", "names_in", "scan"]
