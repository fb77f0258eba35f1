"""The tenant: places, rooms, therapists with credentials and skills, the service menu, policies."""
