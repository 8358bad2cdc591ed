"""Plan, review, apply and prove how raw tables become a dbt project."""

__version__ = "0.1.0"
