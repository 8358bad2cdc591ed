"""The steps of the offline planner, one file a layer."""
