"""Corpora, fitting, evaluation, export, comparison and reports."""
