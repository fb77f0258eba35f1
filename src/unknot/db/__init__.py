"""PostgreSQL mechanics: the embedded server, connections, tenant walls, sealed fields, locks."""
