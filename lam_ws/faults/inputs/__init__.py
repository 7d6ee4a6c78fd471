"""Files, frames and recordings that are spoilt on purpose: tier Z, and what a recorder leaves."""
