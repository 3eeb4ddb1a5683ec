"""A score learnt from what people decided: features, training, and the model that assesses. Pure; docs/score.md explains."""
