"""Tools over `app/` for agents, by the Model Context Protocol: the same plans, the same gate, the same apply."""
