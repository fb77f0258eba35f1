"""The page shell: design system, body map, charts and (later) error translation. Carries no product rule."""
